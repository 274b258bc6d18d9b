/** The week as what a visit is held over: a day of a lane. What is planned keeps its time of day there; what has none
 * goes into the first gap. */

import { instantOf, wallOf } from "@/ui/wall";
import * as clock from "./clock";
import { HOUR, MINUTE } from "./geometry";
import type { Next } from "./holding";
import { at, type Cell, type Picture, standing, UNASSIGNED } from "./picture";

/** A lane and a day of it, as they stand in the page. */
export interface Spot {
  lane: string;
  day: string;
}

export const nameOf = ({ lane, day }: Spot): string => `${lane} ${day}`;

/** The spot under a point of the screen. */
export function spotAt(x: number, y: number): Spot | null {
  const found = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-spot]")?.dataset.spot;
  const [lane, day] = found?.split(" ") ?? [];
  return lane && day ? { lane, day } : null;
}

export const elementOf = (spot: Spot): HTMLElement | null =>
  document.querySelector<HTMLElement>(`[data-spot="${CSS.escape(nameOf(spot))}"]`);

/** The spot on which a visit stands. */
export function spotOf({ meta }: Picture, cell: Cell, lane: string): Spot | null {
  const span = standing(cell);
  return span && { lane, day: clock.dateIn(span.start, meta.time_zone) };
}

/** What letting go there means. */
export function over(picture: Picture, cell: Cell, { lane, day }: Spot): Next {
  const { by, time_zone: zone } = picture.meta;
  if (lane === UNASSIGNED) return { target: cell.planned_start ? "off" : "none", lane, day };
  if (!cell.planned_start && by === "technicians") return { target: "name", lane, day };
  const { start: now, end } = standing(cell) ?? beginning(picture, lane, day, cell);
  const start = Date.parse(instantOf(`${day}T${wallOf(now, zone).slice(11)}`, zone));
  return { target: "time", lane, day, start, end: start + end - now };
}

/** The first working hour of a day, for what is not said to be at any time. */
function beginning({ lanes, meta }: Picture, lane: string, day: string, cell: Cell) {
  const date = lanes[lane]?.days.find((one) => one.date === day);
  const work = date?.pieces.find((one) => one.kind === "work");
  const start = work ? at(work.start) : at(meta.days.find((one) => one.date === day)?.start) + 8 * HOUR;
  return { start, end: start + cell.duration_minutes * MINUTE };
}

const STEPS: Record<string, readonly [lanes: number, days: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Where an arrow leads from a spot; at the edge it stays. */
export function beside({ meta, order }: Picture, { lane, day }: Spot, key: string): Spot {
  const [lanes, days] = STEPS[key] ?? [0, 0];
  const ids = [UNASSIGNED, ...order];
  const dates = meta.days.map((one) => one.date);
  const among = (all: readonly string[], one: string, by: number) =>
    all[Math.min(all.length - 1, Math.max(0, all.indexOf(one) + by))] ?? one;
  return { lane: among(ids, lane, lanes), day: among(dates, day, days) };
}
