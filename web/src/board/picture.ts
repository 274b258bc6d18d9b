/**
 * A board as one holds it: visits by id, an index of each lane, and where everything stands in it. Pure.
 *
 * What is always true: a patch puts in place what it changes and leaves everything else the very same object, down
 * to the stop of one visit, so that only those blocks are drawn again of which something is different.
 */

import { replaceEqualDeep } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import { dateIn } from "@/ui/wall";
import { HOUR, MINUTE, type Packed, packed, type Spanned } from "./geometry";

export type Cell = Schemas["CellOut"];
export type Lane = Schemas["LaneOut"];
export type LaneDay = Schemas["LaneDayOut"];
export type Stop = Schemas["StopOut"];
export type Board = Schemas["BoardOut"];
export type Patch = Schemas["BoardPatchOut"];
export type Alert = Schemas["AlertOnBoardOut"];

export const UNASSIGNED = "unassigned";
export const WITHOUT = "without_lane";

/** A lane as it is laid out: what stands in which track. */
export interface Row {
  items: Packed[];
  tracks: number;
  stops: Record<string, Stop>;
  alerts: Record<string, Alert[]>;
}

export interface Picture {
  meta: Pick<Board, "date" | "days" | "time_zone" | "by" | "as_of">;
  seq: number;
  /** The server's clock when it was read. */
  now: number;
  cells: Record<string, Cell>;
  lanes: Record<string, Lane>;
  /** Lane ids, from above. */
  order: string[];
  unassigned: string[];
  without: string[];
  /** Of what stands on no lane. */
  alerts: Alert[];
  rows: Record<string, Row>;
}

/** A longer way to the first visit is not worth the hours that it takes from the end of the day. */
const LONG_DRIVE = 1.25 * HOUR;

export const at = (moment: string | null | undefined): number => (moment ? Date.parse(moment) : Number.NaN);

/** From when to when a visit stands on the board: as planned, or as it was promised or wished for. */
export function standing(cell: Cell): Spanned | null {
  const start = cell.planned_start ?? cell.promised_start ?? cell.requested_start;
  if (!start) return null;
  const begins = at(start);
  const ends = cell.planned_end ? at(cell.planned_end) : begins + cell.duration_minutes * MINUTE;
  return { id: cell.id, start: begins, end: ends };
}

function rowOf(
  ids: readonly string[],
  cells: Record<string, Cell>,
  days: readonly LaneDay[],
  beside: readonly Alert[] = [],
): Row {
  const spans = ids.flatMap((id) => {
    const cell = cells[id];
    const span = cell && standing(cell);
    return span ? [span] : [];
  });
  const stops: Record<string, Stop> = {};
  const alerts: Record<string, Alert[]> = {};
  for (const day of days) {
    for (const stop of day.stops) {
      const id = stop.visit_id ?? stop.event_id;
      if (id) stops[id] = stop;
    }
  }
  for (const alert of [...beside, ...days.flatMap((day) => day.alerts)]) {
    const known = alerts[alert.visit_id];
    if (known) known.push(alert);
    else alerts[alert.visit_id] = [alert];
  }
  return { ...packed(spans), stops, alerts };
}

export const laneRow = (lane: Lane, cells: Record<string, Cell>): Row =>
  rowOf([...new Set(lane.days.flatMap((day) => day.visit_ids))], cells, lane.days);

/** A board that was read whole. */
export function pictureOf(board: Board): Picture {
  const cells = Object.fromEntries(board.visits.map((one) => [one.id, one]));
  const lanes = Object.fromEntries(board.lanes.map((one) => [one.id, one]));
  const rows: Record<string, Row> = {};
  for (const lane of board.lanes) rows[lane.id] = laneRow(lane, cells);
  rows[UNASSIGNED] = rowOf(board.unassigned, cells, [], board.alerts);
  rows[WITHOUT] = rowOf(board.without_lane, cells, []);
  return {
    meta: {
      date: board.date,
      days: board.days,
      time_zone: board.time_zone,
      by: board.by,
      as_of: board.as_of,
    },
    seq: board.seq,
    now: at(board.now),
    cells,
    lanes,
    order: board.lanes.map((one) => one.id),
    unassigned: board.unassigned,
    without: board.without_lane,
    alerts: board.alerts,
    rows,
  };
}

/** Lanes on which any of these visits is shown. */
export function lanesOf(picture: Picture, visits: ReadonlySet<string>): string[] {
  return picture.order.filter((id) =>
    picture.lanes[id]?.days.some((day) => day.visit_ids.some((one) => visits.has(one))),
  );
}

/** Lanes on which a held time is shown. */
export function lanesOfHold(picture: Picture | null, hold: string): string[] {
  if (!picture) return [];
  return picture.order.filter((id) =>
    picture.lanes[id]?.days.some((day) => day.holds.some((one) => one.hold_id === hold)),
  );
}

/** Of what stands on a lane beside visits: `event:…`, `hold:…`. */
export const besideId = (what: "event" | "hold", id: string): string => `${what}:${id}`;

/** All that the keyboard goes to on a lane: visits, events, and times that are held; in order of their starts. */
export function standsOn(picture: Picture, lane: string): Spanned[] {
  const found: Spanned[] = [...(picture.rows[lane]?.items ?? [])];
  for (const day of picture.lanes[lane]?.days ?? []) {
    const beside = (what: "event" | "hold", one: { id: string; start: string; end: string }) => {
      const id = besideId(what, one.id);
      // what lasts beyond midnight is of both days
      if (!found.some((other) => other.id === id)) found.push({ id, start: at(one.start), end: at(one.end) });
    };
    for (const one of day.events) beside("event", one);
    for (const one of day.holds) beside("hold", one);
  }
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Lanes with something to come: their expected times go on with the clock. */
export function going(picture: Picture): string[] {
  return picture.order.filter((id) => picture.lanes[id]?.days.some((day) => day.stops.length > 0));
}

/** With a reply to `GET /board/visits` in place, as docs/board.md says. */
export function patched(picture: Picture, reply: Patch, asked: ReadonlySet<string>): Picture {
  const cells = { ...picture.cells };
  for (const id of reply.gone) delete cells[id];
  for (const one of reply.visits) cells[one.id] = replaceEqualDeep(cells[one.id], one);
  const lanes = { ...picture.lanes };
  for (const one of reply.lanes) lanes[one.id] = replaceEqualDeep(lanes[one.id], one);
  const more = reply.lanes.map((one) => one.id).filter((id) => !picture.lanes[id]);
  const order = more.length ? [...picture.order, ...more] : picture.order;
  const rest = (ids: string[], named: string[]) => [...ids.filter((id) => !asked.has(id)), ...named];
  const unassigned = rest(picture.unassigned, reply.unassigned);
  const without = rest(picture.without, reply.without_lane);
  const rows = { ...picture.rows };
  const redrawn = new Set([
    ...reply.lanes.map((one) => one.id),
    ...lanesOf({ ...picture, lanes, order }, asked),
  ]);
  for (const id of redrawn) {
    const lane = lanes[id];
    if (lane) rows[id] = replaceEqualDeep(rows[id], laneRow(lane, cells));
  }
  // what has no room is said with every patch
  rows[UNASSIGNED] = replaceEqualDeep(rows[UNASSIGNED], rowOf(unassigned, cells, [], reply.alerts));
  if (asked.size) rows[WITHOUT] = replaceEqualDeep(rows[WITHOUT], rowOf(without, cells, []));
  return {
    ...picture,
    seq: reply.seq,
    now: at(reply.now),
    cells,
    lanes,
    order,
    unassigned,
    without,
    alerts: reply.alerts,
    rows,
  };
}

/** The day that one means without saying so: today where it is shown, or the first. */
export function dayOf({ days, date, time_zone: zone }: Picture["meta"], now: number): string {
  const today = dateIn(now, zone);
  return days.some((one) => one.date === today) ? today : date;
}

/** What a drop is: when, on which lanes instead of which; `start` null takes it off the board. */
export interface Placing {
  start: number;
  end: number;
  /** The lane it leaves, where it stood on one. */
  from: string | null;
  to: string;
}

/** The lane that a visit leaves for another: also where it was not taken from a lane, but from the tray. */
export function leaving(
  { meta }: Pick<Picture, "meta">,
  cell: Cell,
  from: string | null,
  to: string,
): string | null {
  if (from !== null || cell.status === "unscheduled" || !cell.planned_start) return from;
  const on =
    meta.by === "technicians"
      ? cell.assigned.map((one) => one.technician_id)
      : meta.by === "crews"
        ? [cell.crew_id]
        : cell.vehicle_ids;
  return on.includes(to) ? to : (on[0] ?? null);
}

/** As it will be if the server agrees: shown at once, and replaced by what it says. */
export function placed(picture: Picture, visit: Cell, placing: Placing): Picture {
  const iso = (time: number) => new Date(time).toISOString().replace(".000Z", "Z");
  const { from, to } = placing;
  const cell: Cell = {
    ...visit,
    planned_start: iso(placing.start),
    planned_end: iso(placing.end),
    status: visit.status === "unscheduled" ? "scheduled" : visit.status,
  };
  const cells = { ...picture.cells, [cell.id]: cell };
  const lanes = { ...picture.lanes };
  const without = (lane: Lane): Lane => ({
    ...lane,
    days: lane.days.map((day) => ({
      ...day,
      visit_ids: day.visit_ids.filter((id) => id !== cell.id),
      stops: day.stops.filter((stop) => stop.visit_id !== cell.id),
    })),
  });
  for (const id of new Set([from, to])) {
    const lane = id === null ? undefined : lanes[id];
    if (lane && id !== null) lanes[id] = without(lane);
  }
  const target = lanes[to];
  if (target) {
    lanes[to] = {
      ...target,
      days: target.days.map((day) =>
        at(day.start) <= placing.start && placing.start < at(day.end)
          ? { ...day, visit_ids: [...day.visit_ids, cell.id] }
          : day,
      ),
    };
  }
  const rows = { ...picture.rows };
  for (const id of new Set([from, to])) {
    const lane = id === null ? undefined : lanes[id];
    if (lane && id !== null) rows[id] = laneRow(lane, cells);
  }
  const unassigned = picture.unassigned.filter((id) => id !== cell.id);
  const rest = picture.without.filter((id) => id !== cell.id);
  rows[UNASSIGNED] = rowOf(unassigned, cells, [], picture.alerts);
  rows[WITHOUT] = rowOf(rest, cells, []);
  return { ...picture, cells, lanes, rows, unassigned, without: rest };
}

/**
 * A drop that was refused, taken back: this one visit stands where it stood before, and whatever else came in
 * meanwhile stays. `shown` is what was put there; where something newer stands in its place, that is right already.
 */
export function takenBack(picture: Picture, before: Picture, shown: Cell, placing: Placing): Picture {
  const { id } = shown;
  if (picture.cells[id] !== shown) return picture;
  const cells = { ...picture.cells };
  const was = before.cells[id];
  if (was) cells[id] = was;
  else delete cells[id];
  const rest = (ids: readonly string[], stood: boolean | undefined) => {
    const others = ids.filter((one) => one !== id);
    return stood ? [...others, id] : others;
  };
  const lanes = { ...picture.lanes };
  const rows = { ...picture.rows };
  for (const name of new Set([placing.from, placing.to])) {
    const lane = name === null ? undefined : lanes[name];
    if (!lane || name === null) continue;
    const days = lane.days.map((day) => {
      const old = before.lanes[name]?.days.find((one) => one.date === day.date);
      const stops = day.stops.filter((stop) => stop.visit_id !== id);
      const stop = old?.stops.find((one) => one.visit_id === id);
      return {
        ...day,
        visit_ids: rest(day.visit_ids, old?.visit_ids.includes(id)),
        stops: stop ? [...stops, stop] : stops,
      };
    });
    lanes[name] = { ...lane, days };
    rows[name] = laneRow(lanes[name] as Lane, cells);
  }
  const unassigned = rest(picture.unassigned, before.unassigned.includes(id));
  const without = rest(picture.without, before.without.includes(id));
  rows[UNASSIGNED] = rowOf(unassigned, cells, [], picture.alerts);
  rows[WITHOUT] = rowOf(without, cells, []);
  return { ...picture, cells, lanes, rows, unassigned, without };
}

/** The hours that a day shows first: from the first working time, or the first visit, on; with the drives there, so that
 * what is written on one is not cut. */
export function opening(picture: Picture): number {
  let first = Number.POSITIVE_INFINITY;
  const leaves: number[] = [];
  for (const lane of Object.values(picture.lanes)) {
    for (const day of lane.days) {
      for (const piece of day.pieces) if (piece.kind === "work") first = Math.min(first, at(piece.start));
      for (const stop of day.stops) if (stop.leave_at) leaves.push(at(stop.leave_at));
    }
  }
  for (const row of Object.values(picture.rows)) {
    const item = row.items[0];
    if (item) first = Math.min(first, item.start);
  }
  const start = at(picture.meta.days[0]?.start);
  if (!Number.isFinite(first)) return start + 7 * HOUR;
  const drives = Math.min(first, ...leaves.filter((one) => one >= first - LONG_DRIVE));
  return Math.max(start, Math.min(first - HOUR / 4, drives - HOUR / 12));
}
