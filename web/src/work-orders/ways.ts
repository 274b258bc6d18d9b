/** Which verb takes a work order to a status, or why none does: what a card is told while it is held. */

import { words } from "@/ui/Status";
import type { Verb } from "./moving";
import type { WorkOrder } from "./work";

type Status = WorkOrder["status"];
type Seen = Pick<WorkOrder, "status" | "allowed_transitions"> & {
  visits: readonly { status: WorkOrder["visits"][number]["status"] }[];
};
export type Way = { verb: Verb } | { why: string };

const BEGUN = ["en_route", "on_site", "working", "paused", "completed"];
const PLANNED = ["tentative", "scheduled", "dispatched"];

/** Where its visits put it once nothing holds it, as the server has it. */
export function byVisits(order: Pick<Seen, "visits">): "ready" | "scheduled" | "in_progress" {
  const among = (some: readonly string[]) => order.visits.some((one) => some.includes(one.status));
  return among(BEGUN) ? "in_progress" : among(PLANNED) ? "scheduled" : "ready";
}

const LEADS: Partial<Record<Status, Partial<Record<Status, Verb>>>> = {
  draft: { ready: "ready", canceled: "cancel" },
  ready: { on_hold: "hold", canceled: "cancel" },
  scheduled: { on_hold: "hold", canceled: "cancel" },
  in_progress: { on_hold: "hold", completed: "complete", canceled: "cancel" },
  on_hold: { canceled: "cancel" },
  completed: { in_progress: "reopen", approved: "approve" },
  approved: { closed: "close" },
};

const OTHERWISE: Record<Status, string> = {
  draft: "What was released does not become a draft again.",
  ready: "It is ready again when no visit of it is planned: take its visits off the board.",
  scheduled: "A planned visit makes it scheduled: find a time for it.",
  in_progress: "It is in progress once somebody sets off to it.",
  on_hold: "Only work that is released and not done yet can be held.",
  completed: "It is completed when somebody has been there and the work is done.",
  approved: "It is approved after it is completed.",
  closed: "It is closed after it is approved.",
  canceled: "What is done is not canceled any more.",
};

/** Null where it is there already. */
export function wayTo(order: Seen, to: Status): Way | null {
  if (order.status === to) return null;
  if (order.status === "closed" || order.status === "canceled") {
    return { why: `It is ${order.status}: nothing about it changes any more.` };
  }
  let verb = LEADS[order.status]?.[to];
  if (order.status === "on_hold" && ["ready", "scheduled", "in_progress"].includes(to)) {
    const there = byVisits(order);
    if (there !== to) return { why: `Off hold it goes to “${words(there)}”, where its visits put it.` };
    verb = "release";
  }
  if (!verb) return { why: OTHERWISE[to] };
  return order.allowed_transitions.includes(verb) ? { verb } : { why: "Your role may not do this." };
}
