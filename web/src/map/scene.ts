/** A day of the board as a map: each lane's stops in the order in which they are done, and whoever is on the way.
 * Pure. */

import * as clock from "@/board/clock";
import { at, type Cell, type Picture, standing, UNASSIGNED, WITHOUT } from "@/board/picture";
import { stateWords } from "@/board/words";
import type { Positions } from "./positions";
import type { Lonlat, Mark, Mover, Pin, Route, Scene } from "./shapes";
import { age, ago, initials, isStale, type Whereabouts } from "./whereabouts";

const MARKS: Record<string, Mark> = {
  en_route: "moving",
  on_site: "there",
  working: "there",
  paused: "there",
  completed: "done",
  incomplete: "trouble",
  no_access: "trouble",
  no_show: "trouble",
  canceled: "canceled",
};

export const markOf = (cell: Cell): Mark => MARKS[cell.status] ?? "planned";

/** One stop of somebody's day. */
export interface DayStop {
  cell: Cell;
  /** Its place in the order; cancelled ones, and those that nobody comes to, have none. */
  number: number | null;
  alert: boolean;
  at: Lonlat | null;
  /** As it stands on the board, in ms. */
  start: number;
}

/** What one lane does that day, with where its technician is. */
export interface DayLane {
  id: string;
  name: string;
  colour: string | null;
  stops: DayStop[];
  who: Whereabouts | null;
  /** Nobody's: nothing goes from one to the next. */
  loose: boolean;
}

const lonlat = (cell: Cell): Lonlat | null =>
  cell.latitude === null || cell.longitude === null ? null : [cell.longitude, cell.latitude];

const startOf = (cell: Cell): number => standing(cell)?.start ?? Number.POSITIVE_INFINITY;

/** All lanes that have something to show, as the board orders them; those without a lane first. */
export function lanesOf(picture: Picture, positions: Positions): DayLane[] {
  const found: DayLane[] = [];
  const loose: [string, string, readonly string[]][] = [
    [UNASSIGNED, "Nobody assigned", picture.unassigned],
    [WITHOUT, picture.meta.by === "crews" ? "Without a crew" : "Without a vehicle", picture.without],
  ];
  for (const [id, name, ids] of loose) {
    const stops = cellsOf(picture, ids).map((cell) => ({
      cell,
      number: null,
      alert: false,
      at: lonlat(cell),
      start: startOf(cell),
    }));
    if (stops.length) found.push({ id, name, colour: null, stops, who: null, loose: true });
  }
  for (const id of picture.order) {
    const lane = picture.lanes[id];
    if (!lane) continue;
    const row = picture.rows[id];
    const cells = cellsOf(picture, [...new Set(lane.days.flatMap((day) => day.visit_ids))]);
    const order = (cell: Cell) => at(row?.stops[cell.id]?.start) || startOf(cell);
    cells.sort((one, other) => order(one) - order(other));
    let number = 0;
    const stops = cells.map((cell) => ({
      cell,
      number: cell.status === "canceled" ? null : ++number,
      alert: (row?.alerts[cell.id] ?? []).some((one) => one.code !== "not_confirmed"),
      at: lonlat(cell),
      start: startOf(cell),
    }));
    const who = positions.all[id] ?? null;
    if (stops.length || who?.place) {
      found.push({ id, name: lane.name, colour: lane.color ?? null, stops, who, loose: false });
    }
  }
  return found;
}

function cellsOf(picture: Picture, ids: readonly string[]): Cell[] {
  return ids.flatMap((id) => picture.cells[id] ?? []);
}

/** The one lane, or all of them, as pins, lines and those who move. */
export function sceneOf(
  lanes: readonly DayLane[],
  positions: Positions,
  zone: string,
  fallback: string,
): Scene {
  const pins: Pin[] = [];
  const routes: Route[] = [];
  for (const lane of lanes) {
    const colour = lane.colour ?? fallback;
    const way: Lonlat[] = [];
    for (const { cell, number, alert, at: place, start } of lane.stops) {
      if (!place) continue;
      pins.push({
        id: cell.id,
        at: place,
        text: number === null ? (lane.loose ? "?" : null) : String(number),
        mark: lane.loose ? "open" : markOf(cell),
        colour: lane.loose ? null : colour,
        alert,
        title: [
          `${cell.customer}${Number.isFinite(start) ? `, ${clock.time(start, zone)}` : ""}`,
          `${lane.name} · ${stateWords(cell)}`,
        ].join("\n"),
      });
      if (number !== null) way.push(place);
    }
    if (way.length > 1 && !lane.loose) routes.push({ id: lane.id, colour, points: way });
  }
  return { pins, routes, movers: moversOf(lanes, positions) };
}

/** Whoever is at work and was heard of, on a lane of theirs or not. */
export function moversOf(lanes: readonly DayLane[] | null, positions: Positions): Mover[] {
  const shown = lanes && new Set(lanes.map((one) => one.id));
  return Object.values(positions.all).flatMap((one): Mover[] =>
    one.place && (!shown || shown.has(one.id))
      ? [
          {
            id: one.id,
            at: [one.place.lon, one.place.lat],
            text: initials(one.name),
            colour: one.colour,
            age: positions.now - one.place.at < 60_000 ? null : age(one.place.at, positions.now),
            stale: isStale(one.place, positions.now),
            title: `${one.name}\nHere ${ago(one.place.at, positions.now)}`,
          },
        ]
      : [],
  );
}
