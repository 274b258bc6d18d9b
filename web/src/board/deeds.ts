/**
 * What a dispatcher does on the board: each a verb of the API with the version that was seen. It is shown at once; a
 * refusal takes that back and says why, and whatever was done can be undone.
 */

import { api, ask, askAll, onceKey, Problem, type Schemas, seen } from "@/api/client";
import { toast } from "@/ui/toast";
import * as clock from "./clock";
import { keeper } from "./keeper";
import { isMade, isRefused, isUnmade, keyOf } from "./making";
import { at, type Cell, leaving, type Picture, type Placing, placed, takenBack } from "./picture";
import { mayOverrule, refusal, useOverrulable } from "./refusing";
import { useBoard } from "./store";
import { answered, inTurn, isUnderway, versionOf } from "./turns";
import { noted, undoRequest } from "./undoing";

type VisitOut = Schemas["VisitOut"];
type Versioned = Pick<Cell, "id" | "version">;

/** A verb of a visit, with the version that was seen; the request's id, by which it can be undone. */
async function say(visit: Versioned, verb: string, body: object): Promise<string> {
  const { data, response } = await askAll(
    // the verbs of a visit are asked alike; each says in the API's description what its body may hold
    api.POST(
      `/api/v2/visits/{id}/${verb}` as "/api/v2/visits/{id}/move",
      {
        params: { path: { id: visit.id }, header: seen(versionOf(visit)) },
        headers: onceKey(),
        body,
      } as never,
    ),
  );
  answered([data as unknown as VisitOut]);
  return response.headers.get("X-Request-ID") ?? "";
}

interface Deed {
  visit: Cell;
  verb: string;
  body: object;
  /** The one with which it changes places. */
  other?: Cell;
  /** What it says once it is done: "Moved to 10:15, Ana Diaz". */
  words: string;
  /** Where it stands from now on, if the server agrees. */
  placing?: Placing;
  /** Lanes to read again beside. */
  lanes?: string[];
  /** Once it is done, at once or all the same. */
  done?: () => void;
}

/** What was dropped, with its visit: made where there is none yet. Raises `Problem`, `Unreachable`. */
export async function ready(cell: Cell): Promise<Cell> {
  if (!isUnmade(cell.id)) return cell;
  const of = cell.work_order_id;
  const { data, response } = await askAll(
    api.POST("/api/v2/visits", {
      headers: { "Idempotency-Key": keyOf(of) },
      body: { work_order_id: of },
    } as never),
  ).catch((error) => {
    if (error instanceof Problem && error.status < 500) isRefused(of);
    throw error;
  });
  const visit = data as unknown as VisitOut;
  isMade(of);
  keeper()?.own(response.headers.get("X-Request-ID") ?? "");
  keeper()?.told?.();
  return { ...cell, id: visit.id, version: visit.version };
}

const isWaiting = (ids: readonly string[], waits: boolean) =>
  useBoard.setState(({ waiting }) => {
    const now = { ...waiting };
    for (const id of ids) {
      if (waits) now[id] = true;
      else delete now[id];
    }
    return { waiting: now };
  });

/** Do it: shown at once, taken back with the reason where it is refused. Whether it was done. */
export async function doIt(deed: Deed): Promise<boolean> {
  const { placing } = deed;
  let visit = deed.visit;
  isWaiting([deed.visit.id], true);
  try {
    visit = await ready(visit);
  } catch (error) {
    isWaiting([deed.visit.id], false);
    toast({ text: `${visit.customer} was not changed. ${refusal(error)}`, tone: "danger" });
    return false;
  }
  const before = useBoard.getState().picture;
  if (before && placing) useBoard.setState({ picture: placed(before, visit, placing) });
  const shown = useBoard.getState().picture?.cells[visit.id];
  isWaiting([visit.id], true);
  const touched = [placing?.from, placing?.to, ...(deed.lanes ?? [])].filter(
    (id): id is string => !!id && !!before?.lanes[id],
  );
  try {
    const { other } = deed;
    const requestId = await inTurn([visit.id, ...(other ? [other.id] : [])], () =>
      say(
        visit,
        deed.verb,
        other ? { ...deed.body, with_id: other.id, with_version: versionOf(other) } : deed.body,
      ),
    );
    noted(requestId);
    toast({ text: deed.words, undo: () => undoRequest(requestId) });
    deed.done?.();
    return true;
  } catch (error) {
    const { picture } = useBoard.getState();
    if (picture && before && placing && shown) {
      useBoard.setState({ picture: takenBack(picture, before, shown, placing) });
    }
    refused({ ...deed, visit }, error, isUnmade(deed.visit.id));
    return false;
  } finally {
    const over = [visit.id, deed.visit.id].filter((id) => !isUnderway(id));
    isWaiting(over, false);
    keeper()?.again([visit.id, ...(deed.other ? [deed.other.id] : [])], touched);
    if (isUnmade(deed.visit.id)) keeper()?.told?.();
  }
}

/** Verbs that take a reason for being done all the same. */
const OVERRULED = new Set(["schedule", "move", "resize", "assign", "swap", "insert"]);

function refused(deed: Deed, error: unknown, isNew: boolean): void {
  const { customer, number } = deed.visit;
  if (OVERRULED.has(deed.verb) && mayOverrule(error)) {
    useOverrulable.setState({ asked: { customer, code: error.code, detail: error.message, again } });
    return;
  }
  const what = isNew
    ? `${number} has a visit now, which waits in the tray; it was not put on the board.`
    : `${customer} was not changed.`;
  toast({ text: `${what} ${refusal(error)}`, tone: "danger" });

  function again(reason: string): Promise<boolean> {
    const before = (deed.body as { override?: { codes: string[] } }).override?.codes ?? [];
    const codes = [...new Set([...before, (error as { code: string }).code])];
    return doIt({ ...deed, body: { ...deed.body, override: { codes, reason } } });
  }
}

const iso = (time: number) => new Date(time).toISOString();

/** Whether a row of the tray is all that is known of a visit with people and vehicles of its own. */
export function isPartly(picture: Picture, cell: Cell): boolean {
  if (picture.cells[cell.id] || isUnmade(cell.id)) return false;
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

/** Put it into the first gap of somebody's day: of the day that is shown, unless another is named. */
export function dropOn(
  visit: Cell,
  from: string | null,
  technician: string,
  day?: string | null,
): Promise<boolean> {
  const { picture } = useBoard.getState();
  const name = picture?.lanes[technician]?.name ?? "";
  return doIt({
    visit,
    verb: "drop",
    body: { technician_id: technician, day: day ?? picture?.meta.date },
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
