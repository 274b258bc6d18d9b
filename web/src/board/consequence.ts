/** What a drop would do, reckoned while the visit is still held: no question to the server, nothing sent.
 *
 *   const drag = new Drag(board, table);            // GET /board and GET /board/table of the same days
 *   drag.over({ visit, technician_ids: [lane], start: "2026-11-23T16:00:00Z" });
 *
 * It says what `POST /api/v2/board/consequence` says, in the same words for the same things; its figures are
 * estimates where a map service would know better, and it does not know everything that the server looks at
 * (docs/board.md names what). The answer to the drop rules.
 *
 * Make a new one whenever the board was patched; a lane is read when a drag first touches it. */

import { Days, dropped } from "./days.ts";
import type { Evaluated, Sums } from "./expected.ts";
import type { Warned } from "./obstacles.ts";
import { refused, warned } from "./obstacles.ts";
import type { Board, Cell, Table, TrayRow } from "./shapes.ts";
import { minutes, moment, perhaps, rounded, seconds } from "./shapes.ts";

const MINUTE = 60;

/** A visit, held over somebody's lane. */
export interface Drop {
  visit: Cell;
  technician_ids: readonly string[];
  start: string;
  /** Silence: as long as the visit takes. */
  end?: string | null;
}

export interface Totals {
  drive_minutes: number;
  work_minutes: number;
  idle_minutes: number;
  overtime_minutes: number;
  home_at: string;
}

export interface StopOfVisit {
  technician_id: string;
  visit_id: string;
  event_id: null;
  leave_at: string;
  leave_by: string;
  drive_minutes: number;
  metres: number;
  source: string;
  arrive: string;
  start: string;
  end: string;
  /** After the promised window. */
  late: boolean;
}

export interface Moved {
  visit_id: string;
  technician_id: string;
  was: string;
  arrive: string;
  minutes: number;
  late: boolean;
}

export interface Consequence {
  refusal: { code: string } | null;
  warnings: Warned[];
  /** The visit itself, for each who comes. */
  stops: StopOfVisit[];
  /** Each lane that it touches, as it would be, and what is more. */
  lanes: { technician_id: string; totals: Totals; more: Omit<Totals, "home_at"> }[];
  /** Whoever else is expected at another time. */
  moves: Moved[];
  /** Lanes of which one does not see all: of these nothing is reckoned. */
  unseen: string[];
}

export class Drag {
  readonly #days: Days;

  constructor(board: Board, table: Table) {
    this.#days = new Days(board, table);
  }

  /** What would come of it; null: board and table do not hold that day or one of these lanes, so ask
   * the server. */
  over(drop: Drop): Consequence | null {
    const days = this.#days;
    const { visit, technician_ids: who } = drop;
    const start = seconds(drop.start);
    const end = perhaps(drop.end) ?? start + visit.duration_minutes * MINUTE;
    const number = days.at(start);
    if (number === null || who.some((id) => days.of(id) === null)) return null;
    const code = refused(days, visit, who, start, end);
    const found: Consequence = {
      refusal: code === null ? null : { code },
      warnings: code === null ? warned(days, visit, who, start, end) : [],
      stops: [],
      lanes: [],
      moves: [],
      unseen: [],
    };
    const there = new Set([
      ...who,
      ...(days.cells.get(visit.id)?.assigned ?? []).map((one) => one.technician_id),
    ]);
    for (const { id } of days.board.lanes) {
      if (!there.has(id)) continue;
      const before = days.before(id, number);
      const held = who.includes(id) ? dropped(visit, start, end) : null;
      const after = code === null ? days.after(id, number, visit.id, held) : before;
      if (before === null || after === null) found.unseen.push(id);
      else tell(found, days, id, visit.id, before, after);
    }
    return found;
  }
}

/** A row of the tray as what can be dragged. */
export function fromTray(row: TrayRow & { visit_id: string }): Cell {
  return {
    ...row,
    id: row.visit_id,
    lock: "none",
    expected_end: null,
    travel_started_at: null,
    arrived_at: null,
    started_at: null,
    finished_at: null,
    assigned: [],
  };
}

function tell(
  found: Consequence,
  days: Days,
  lane: string,
  visit: string,
  before: Evaluated,
  after: Evaluated,
): void {
  const was = totals(before.sums);
  const now = totals(after.sums);
  found.lanes.push({
    technician_id: lane,
    totals: now,
    more: {
      drive_minutes: now.drive_minutes - was.drive_minutes,
      work_minutes: now.work_minutes - was.work_minutes,
      idle_minutes: now.idle_minutes - was.idle_minutes,
      overtime_minutes: now.overtime_minutes - was.overtime_minutes,
    },
  });
  const arrived = new Map(before.stops.map((stop) => [stop.id, stop.arrive]));
  for (const stop of after.stops) {
    const late = after.late.has(stop.id);
    if (stop.id === visit) {
      if (found.refusal !== null) continue;
      const { seconds: drive, metres, source } = days.drives.leg(stop.from, stop.place);
      found.stops.push({
        technician_id: lane,
        visit_id: visit,
        event_id: null,
        leave_at: moment(stop.leaveAt),
        leave_by: moment(stop.leaveBy),
        drive_minutes: minutes(drive),
        metres,
        source,
        arrive: moment(stop.arrive),
        start: moment(stop.start),
        end: moment(stop.end),
        late,
      });
      continue;
    }
    const then = arrived.get(stop.id);
    if (then === undefined || !days.cells.has(stop.id) || Math.abs(stop.arrive - then) < MINUTE) continue;
    found.moves.push({
      visit_id: stop.id,
      technician_id: lane,
      was: moment(then),
      arrive: moment(stop.arrive),
      minutes: rounded((stop.arrive - then) / MINUTE),
      late,
    });
  }
}

function totals(sums: Sums): Totals {
  return {
    drive_minutes: minutes(sums.drive),
    work_minutes: minutes(sums.work),
    idle_minutes: minutes(sums.idle),
    overtime_minutes: minutes(sums.overtime),
    home_at: moment(sums.homeAt),
  };
}
