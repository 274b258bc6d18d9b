/** Closing a visit out: which ends are open to it, what each needs, and sending it. `visit` may become another
 * while somebody types: what they entered stays, and they are told. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "@/api/client";
import { useKeys } from "@/api/keys";
import { verb } from "@/api/verb";
import { words } from "@/ui/Status";
import { toast } from "@/ui/toast";
import { instantOf, wallOf } from "@/ui/wall";
import { between, when } from "@/ui/when";
import { crewOf } from "./crew";
import type { Visit } from "./work";

const ENDS = [
  { value: "complete", text: "The work is done", done: "is completed" },
  { value: "incomplete", text: "Not finished: somebody has to come again", done: "ended incomplete" },
  { value: "no-access", text: "The site could not be entered", done: "had no access" },
  { value: "no-show", text: "The customer was not there", done: "found nobody there" },
] as const;
export type End = (typeof ENDS)[number]["value"];

/** What is another now than when it was looked at, in words. */
export function changes(before: Visit, now: Visit): string[] {
  const zone = now.time_zone;
  const said: string[] = [];
  if (now.status !== before.status) said.push(`Its status: ${words(now.status)}`);
  if (now.planned_start !== before.planned_start || now.planned_end !== before.planned_end) {
    const { planned_start: from, planned_end: to } = now;
    said.push(from && to ? `Planned ${between(from, to, zone, "moment")}` : "It is not planned any more");
  }
  if (crewOf(now) !== crewOf(before)) said.push(`Assigned: ${crewOf(now) || "nobody"}`);
  const taps = [
    ["arrived_at", "They arrived"],
    ["started_at", "They began"],
    ["finished_at", "They were done"],
  ] as const;
  for (const [tap, text] of taps) {
    const at = now[tap];
    if (at && at !== before[tap]) said.push(`${text}: ${when(at, zone)}`);
  }
  return said.length > 0 ? said : ["Something that is not shown here"];
}

export function useClosing(visit: Visit, onClose: () => void) {
  const zone = visit.time_zone;
  const known = useQueryClient();
  const keyOf = useKeys();
  const ends = ENDS.filter((one) => visit.allowed_transitions.includes(one.value));
  const [looked, setLooked] = useState(visit);
  const changed = visit.version !== looked.version;
  const [chosen, setEnd] = useState<End>(ends[0]?.value ?? "complete");
  const end = ends.some((one) => one.value === chosen) ? chosen : (ends[0]?.value ?? "complete");
  const [arrived, setArrived] = useState(visit.arrived_at ? wallOf(visit.arrived_at, zone) : "");
  const [started, setStarted] = useState(visit.started_at ? wallOf(visit.started_at, zone) : "");
  const [finished, setFinished] = useState("");
  const [reason, setReason] = useState("");

  const sent = useMutation({
    mutationFn: () => {
      const at = (wall: string) => (wall ? instantOf(wall, zone) : null);
      const { version } = looked;
      const why = reason.trim();
      if (end === "complete") {
        const body = {
          arrived_at: at(arrived),
          started_at: at(started),
          finished_at: at(finished),
          ...(visit.missing.length > 0 && why ? { waived: why } : {}),
        };
        return verb("visits", "complete", visit.id, { body, version, key: keyOf([version, body]) });
      }
      const body = { reason: why, ...(finished ? { occurred_at: instantOf(finished, zone) } : {}) };
      const key = keyOf([version, end, body]);
      if (end === "incomplete") return verb("visits", end, visit.id, { body, version, key });
      const { reason: _, ...when } = body;
      return verb("visits", end, visit.id, { body: when, version, key });
    },
    onSuccess: () => {
      for (const what of ["work-orders", "visits", "stories", "end-of-day"]) {
        void known.invalidateQueries({ queryKey: [what] });
      }
      toast({
        text: `The visit for ${visit.work_order.number} ${ENDS.find((one) => one.value === end)?.done}.`,
      });
      onClose();
    },
    onError: (error) => {
      if (error instanceof Problem && error.status === 412) {
        void known.invalidateQueries({ queryKey: ["visits", visit.id] });
      }
    },
  });

  const faults = sent.error instanceof Problem ? sent.error.faults : [];
  const fault = (field: string) => faults.find((one) => one.pointer === `/${field}`)?.detail;
  const said =
    sent.error &&
    !changed &&
    !["arrived_at", "started_at", "finished_at", "reason", "occurred_at"].some(fault);
  const look = () => {
    const tapped = (at: string | null) => (before: string) => before || (at ? wallOf(at, zone) : "");
    setArrived(tapped(visit.arrived_at));
    setStarted(tapped(visit.started_at));
    setLooked(visit);
    sent.reset();
  };
  const asPlanned = () => {
    if (!visit.planned_start || !visit.planned_end) return;
    setArrived(wallOf(visit.planned_start, zone));
    setStarted(wallOf(visit.planned_start, zone));
    setFinished(wallOf(visit.planned_end, zone));
  };
  const waiving = end === "complete" && visit.missing.length > 0;
  const ready =
    end === "complete"
      ? arrived !== "" && started !== "" && finished !== ""
      : end === "incomplete"
        ? reason.trim() !== ""
        : true;
  return {
    ends,
    end,
    setEnd,
    entered: { arrived, started, finished, reason },
    enter: { arrived: setArrived, started: setStarted, finished: setFinished, reason: setReason },
    /** Another than the one that was looked at. */
    changed: changed ? changes(looked, visit) : null,
    look,
    asPlanned: end === "complete" && visit.planned_start && visit.planned_end ? asPlanned : null,
    waiving,
    ready: ready && !changed && ends.length > 0,
    sent,
    fault,
    /** What was refused, where no field says it. */
    said: said ? (sent.error?.message ?? null) : null,
  };
}
