/**
 * What a dispatcher does on the board: each a verb of the API with the version that was seen. It is shown at once; a
 * refusal takes that back and says why, and whatever was done can be undone.
 */

import { api, ask, askAll, onceKey, Problem, type Schemas, seen, Unreachable } from "@/api/client";
import { toast } from "@/ui/toast";
import * as clock from "./clock";
import { keeper } from "./keeper";
import { at, type Cell, leaving, type Picture, type Placing, placed } from "./picture";
import { useBoard } from "./store";

type VisitOut = Schemas["VisitOut"];
type Versioned = Pick<Cell, "id" | "version">;

/** What this tab did, newest last, by the ids of its requests; and the commands it has undone. */
const done: string[] = [];
const undone: string[] = [];

interface Reply {
  visit: VisitOut;
  requestId: string;
}

async function say(visit: Versioned, verb: string, body: object, key: object): Promise<Reply> {
  const { data, response } = await askAll(
    // the verbs of a visit are asked alike; each says in the API's description what its body may hold
    api.POST(
      `/api/v2/visits/{id}/${verb}` as "/api/v2/visits/{id}/move",
      {
        params: { path: { id: visit.id }, header: seen(visit.version) },
        headers: { ...key },
        body,
      } as never,
    ),
  );
  return { visit: data as unknown as VisitOut, requestId: response.headers.get("X-Request-ID") ?? "" };
}

/** Why it was not done, in words. */
export function refusal(error: unknown): string {
  if (error instanceof Unreachable) {
    return "Truckroll cannot be reached. It is not known whether this was done; the board says so once it is.";
  }
  if (error instanceof Problem && error.status === 412) {
    const now = error.body.current as VisitOut | undefined;
    if (!now?.planned_start || !now.planned_end) return `Somebody else was quicker: ${error.message}`;
    const zone = useBoard.getState().picture?.meta.time_zone ?? now.time_zone;
    const when = clock.span(at(now.planned_start), at(now.planned_end), zone);
    const who = now.assignments.map((one) => one.name).join(", ");
    return `Somebody else was quicker. It is ${when}${who ? ` with ${who}` : ""} now; nothing was overwritten.`;
  }
  return error instanceof Error ? error.message : String(error);
}

interface Deed {
  visit: Cell;
  verb: string;
  body: object;
  /** What it says once it is done: "Moved to 10:15, Ana Diaz". */
  words: string;
  /** Where it stands from now on, if the server agrees. */
  placing?: Placing;
  /** Lanes to read again beside. */
  lanes?: string[];
}

const MARK = "new:";

/** What stands for the visit of a work order that has none yet. */
export const unmade = (workOrderId: string): string => MARK + workOrderId;

/** The visit of what was dropped: made where there is none yet. */
async function ready(cell: Cell): Promise<Cell> {
  if (!cell.id.startsWith(MARK)) return cell;
  const body = { work_order_id: cell.work_order_id };
  const { data, response } = await askAll(api.POST("/api/v2/visits", { headers: onceKey(), body } as never));
  const made = data as unknown as VisitOut;
  keeper()?.own(response.headers.get("X-Request-ID") ?? "");
  return { ...cell, id: made.id, version: made.version };
}

/** Do it: shown at once, taken back with the reason where it is refused. Whether it was done. */
export async function doIt(deed: Deed): Promise<boolean> {
  const { placing } = deed;
  let visit = deed.visit;
  try {
    visit = await ready(visit);
  } catch (error) {
    toast({ text: `${visit.customer} was not changed. ${refusal(error)}`, tone: "danger" });
    return false;
  }
  const before = useBoard.getState().picture;
  useBoard.setState(({ picture, waiting }) => ({
    picture: picture && placing ? placed(picture, visit, placing) : picture,
    waiting: { ...waiting, [visit.id]: true },
  }));
  const touched = [placing?.from, placing?.to, ...(deed.lanes ?? [])].filter(
    (id): id is string => !!id && !!before?.lanes[id],
  );
  try {
    const { requestId } = await say(visit, deed.verb, deed.body, onceKey());
    noted(requestId);
    toast({ text: deed.words, undo: () => undoRequest(requestId) });
    return true;
  } catch (error) {
    if (before && placing) {
      useBoard.setState(({ picture }) => {
        const cell = before.cells[visit.id];
        if (!picture) return {};
        const cells = { ...picture.cells };
        if (cell) cells[visit.id] = cell;
        else delete cells[visit.id];
        const lanes = { ...picture.lanes };
        const rows = { ...picture.rows };
        for (const id of touched) {
          lanes[id] = before.lanes[id] as (typeof lanes)[string];
        }
        for (const id of Object.keys(rows)) {
          if (touched.includes(id) || !before.lanes[id]) rows[id] = before.rows[id] as (typeof rows)[string];
        }
        return {
          picture: { ...picture, cells, lanes, rows, unassigned: before.unassigned, without: before.without },
        };
      });
    }
    toast({ text: `${visit.customer} was not changed. ${refusal(error)}`, tone: "danger" });
    return false;
  } finally {
    useBoard.setState(({ waiting }) => {
      const { [visit.id]: _, ...rest } = waiting;
      return { waiting: rest };
    });
    keeper()?.again([visit.id], touched);
  }
}

function noted(requestId: string): void {
  keeper()?.own(requestId);
  done.push(requestId);
  undone.length = 0;
}

async function undoRequest(requestId: string): Promise<void> {
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

const iso = (time: number) => new Date(time).toISOString();

/** Whether a row of the tray is all that is known of a visit with people and vehicles of its own. */
export function isPartly(picture: Picture, cell: Cell): boolean {
  if (picture.cells[cell.id] || cell.id.startsWith(MARK)) return false;
  return (cell.planned_start !== null && cell.status !== "unscheduled") || picture.meta.by === "vehicles";
}

async function whole(cell: Cell): Promise<Cell> {
  const { assignments, crew, vehicles, lock } = await ask(
    api.GET("/api/v2/visits/{id}", { params: { path: { id: cell.id } } }),
  );
  const assigned = assignments
    .filter((one) => one.status !== "declined" && one.status !== "removed")
    .sort((one, other) => Number(other.is_lead) - Number(one.is_lead));
  return { ...cell, assigned, crew_id: crew?.id ?? null, vehicle_ids: vehicles.map((one) => one.id), lock };
}

/** Put a visit at a time on a lane, as the board is by technicians, crews or vehicles. */
export async function put(held: Cell, place: Placing): Promise<boolean> {
  const { picture } = useBoard.getState();
  if (!picture) return false;
  let visit = held;
  try {
    if (isPartly(picture, held)) visit = await whole(held);
  } catch (error) {
    toast({ text: `${held.customer} was not changed. ${refusal(error)}`, tone: "danger" });
    return false;
  }
  const placing = { ...place, from: leaving(picture, visit, place.from, place.to) };
  const { from, to, start, end } = placing;
  const lane = picture.lanes[to];
  const minutes = Math.round((end - start) / 60_000);
  const planned = visit.planned_start !== null && visit.status !== "unscheduled";
  const known =
    visit.planned_start && visit.planned_end ? at(visit.planned_end) - at(visit.planned_start) : end - start;
  if (planned && from === to && start === at(visit.planned_start) && end - start !== known) {
    return doIt({
      visit,
      placing,
      verb: "resize",
      body: { minutes },
      words: `${visit.customer} takes ${clock.length(minutes)} now, until ${clock.time(end, picture.meta.time_zone)}.`,
    });
  }
  const body: Record<string, unknown> = { start: iso(start) };
  if (from !== to || !planned) {
    if (picture.meta.by === "technicians") {
      const others = planned ? visit.assigned.map((one) => one.technician_id) : [];
      body.technician_ids = [to, ...others.filter((id) => id !== from && id !== to)];
    } else if (picture.meta.by === "crews") {
      body.crew_id = to;
    } else {
      body.vehicle_ids = [to, ...visit.vehicle_ids.filter((id) => id !== from && id !== to)];
      if (!planned) body.technician_ids = visit.assigned.map((one) => one.technician_id);
    }
  }
  const when = `${clock.day(start, picture.meta.time_zone)}, ${clock.time(start, picture.meta.time_zone)}`;
  return doIt({
    visit,
    placing,
    verb: planned ? "move" : "schedule",
    body,
    words: `${planned ? "Moved" : "Scheduled"} ${visit.customer} to ${when}, ${lane?.name ?? ""}.`,
  });
}

/** Put it into the first gap of somebody's day. */
export function dropOn(visit: Cell, from: string | null, technician: string): Promise<boolean> {
  const { picture } = useBoard.getState();
  const name = picture?.lanes[technician]?.name ?? "";
  return doIt({
    visit,
    verb: "drop",
    body: { technician_id: technician, day: picture?.meta.date },
    words: `${visit.customer} goes into the first gap of ${name}'s day.`,
    lanes: [technician, ...(from ? [from] : [])],
  });
}

/** Take it off the board; what was promised stands. */
export function takeOff(visit: Cell, from: string | null): Promise<boolean> {
  return doIt({
    visit,
    verb: "unschedule",
    body: {},
    words: `${visit.customer} is off the board. What was promised stands.`,
    lanes: from ? [from] : [],
  });
}
