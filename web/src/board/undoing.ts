/** What this tab did on boards, newest last: each can be undone while it stands, and done again once it was undone. */

import { api, ask, askAll, onceKey, Problem, Unreachable } from "@/api/client";
import { toast } from "@/ui/toast";
import { keeper } from "./keeper";
import { refusal } from "./refusing";
import { answered } from "./turns";

/** By the ids of its requests; and the commands it has undone. */
const done: string[] = [];
const undone: string[] = [];

/** Something was done by this request. */
export function noted(requestId: string): void {
  keeper()?.own(requestId);
  done.push(requestId);
  undone.length = 0;
}

export async function undoRequest(requestId: string): Promise<void> {
  // taken off first: what cannot be undone does not stand before what can
  const place = done.indexOf(requestId);
  if (place >= 0) done.splice(place, 1);
  try {
    const found = await ask(
      api.GET("/api/v2/commands", { params: { query: { request_id: requestId, limit: 1 } } }),
    );
    const command = found.data[0];
    if (!command) throw new Error("There is nothing to undo: it changed nothing.");
    await step(command.id, "undo");
  } catch (error) {
    if (passing(error) && place >= 0) done.splice(place, 0, requestId);
    throw error;
  }
}

/** Whether the same may be answered otherwise in a moment. */
const passing = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof Problem && [429, 502, 503, 504].includes(error.status));

let whose = "";

/** Whoever looks at the board now: what was done in another session is not theirs to undo. */
export function undoneBy(session: string): void {
  if (whose !== session) done.length = undone.length = 0;
  whose = session;
}

async function step(id: string, which: "undo" | "redo"): Promise<void> {
  const path = which === "undo" ? "/api/v2/commands/{id}/undo" : "/api/v2/commands/{id}/redo";
  const { data, response } = await askAll(api.POST(path, { params: { path: { id } }, headers: onceKey() }));
  keeper()?.own(response.headers.get("X-Request-ID") ?? "");
  answered(data.visits);
  keeper()?.again(data.visits.map((one) => one.id));
  if (which === "undo") {
    undone.push(id);
  } else {
    done.push(data.command.request_id);
  }
  const left = data.not_taken_back.map((one) => one.detail).join(" ");
  toast({
    text: `${which === "undo" ? "Undone" : "Done again"}: ${data.command.sentence}${left ? ` ${left}` : ""}`,
    ...(left ? { tone: "danger" as const } : {}),
  });
}

let turn: Promise<void> = Promise.resolve();

/** Undo what one did last on any board, or do again what one undid last; one after the other. */
export function back(which: "undo" | "redo"): Promise<void> {
  turn = turn.then(() => stepBack(which));
  return turn;
}

async function stepBack(which: "undo" | "redo"): Promise<void> {
  try {
    const request = done[done.length - 1];
    if (which === "undo" && request) {
      await undoRequest(request);
      return;
    }
    const again = which === "redo" ? undone.pop() : undefined;
    if (again) {
      try {
        await step(again, "redo");
      } catch (error) {
        if (passing(error)) undone.push(again);
        throw error;
      }
      return;
    }
    const last = await ask(api.GET("/api/v2/commands", { params: { query: { mine: true, limit: 10 } } }));
    const one = last.data.find((command) => (which === "undo" ? command.can_undo : command.can_redo));
    if (one) await step(one.id, which);
    else
      toast({
        text: which === "undo" ? "There is nothing of yours to undo." : "There is nothing to do again.",
      });
  } catch (error) {
    toast({ text: refusal(error), tone: "danger" });
  }
}
