/** The first gap of somebody's day, reckoned as a drag is: nothing that stands there moves, nothing is warned of, and
 * what was promised is kept. The server looks again when it is taken. */

import { Drag } from "./consequence";
import { MINUTE } from "./geometry";
import { keeper } from "./keeper";
import { at, type Cell, type Picture } from "./picture";

const QUARTER = 15 * MINUTE;
let last: { picture: Picture; drag: Drag } | null = null;

/** What a drop would do, for a board as it is; null: only the server can say. */
export function dragOf(picture: Picture): Drag | null {
  const table = keeper()?.table;
  if (!table || picture.meta.by !== "technicians") return null;
  if (last?.picture !== picture) {
    const board = {
      now: new Date(picture.now).toISOString(),
      days: picture.meta.days,
      lanes: picture.order.flatMap((id) => picture.lanes[id] ?? []),
      visits: Object.values(picture.cells),
    };
    last = { picture, drag: new Drag(board, table) };
  }
  return last.drag;
}

export interface Gap {
  lane: string;
  start: number;
}

/** The soonest that any of these lanes has on the board's day. */
export function firstGap(
  picture: Picture,
  drag: Pick<Drag, "over">,
  cell: Cell,
  lanes: readonly string[],
): Gap | null {
  let best: Gap | null = null;
  for (const lane of lanes) {
    const start = inLane(picture, drag, cell, lane, best?.start ?? Number.POSITIVE_INFINITY);
    if (start !== null) best = { lane, start };
  }
  return best;
}

function inLane(
  picture: Picture,
  drag: Pick<Drag, "over">,
  visit: Cell,
  lane: string,
  before: number,
): number | null {
  const promised = visit.promised_start ? [at(visit.promised_start), at(visit.promised_end)] : null;
  const [low, high] = promised ?? [0, Number.POSITIVE_INFINITY];
  const from = Math.max(picture.now, low as number);
  for (const day of picture.lanes[lane]?.days ?? []) {
    for (const piece of day.pieces) {
      if (piece.kind !== "work") continue;
      const first = Math.ceil(Math.max(at(piece.start), from) / QUARTER) * QUARTER;
      const until = Math.min(at(piece.end), before, (high as number) + 1);
      for (let start = first; start < until; start += QUARTER) {
        if (fits(drag, visit, lane, start)) return start;
      }
    }
  }
  return null;
}

function fits(drag: Pick<Drag, "over">, visit: Cell, lane: string, start: number): boolean {
  const found = drag.over({ visit, technician_ids: [lane], start: new Date(start).toISOString() });
  if (found === null || found.refusal || found.warnings.length || found.unseen.length) return false;
  const stop = found.stops[0];
  // whoever would come later than then is on the way still
  if (!stop || stop.late || at(stop.arrive) > start) return false;
  return !found.moves.some((one) => one.minutes > 0);
}
