/** One day of a board with its table, read once for each lane that a drag touches. */

import type { Place } from "./drives.ts";
import { Drives } from "./drives.ts";
import type { Due, Evaluated, Resource } from "./expected.ts";
import { evaluated } from "./expected.ts";
import type { Board, Cell, Lane, LaneDay, Span, Table, TableDay } from "./shapes.ts";
import { perhaps, seconds, span } from "./shapes.ts";

const UNDER_WAY = new Set(["en_route", "on_site", "working", "paused"]);
const OVER = new Set(["completed", "incomplete", "no_access", "no_show", "canceled"]);

interface Read {
  resource: Resource;
  dues: Due[];
  before: Evaluated | null;
}

export class Days {
  readonly board: Board;
  readonly table: Table;
  readonly now: number;
  readonly cells = new Map<string, Cell>();
  readonly lanes = new Map<string, Lane>();
  readonly #tabled = new Map<string, readonly TableDay[]>();
  readonly #drives: Drives;
  readonly #read = new Map<string, Read>();

  constructor(board: Board, table: Table) {
    this.board = board;
    this.table = table;
    this.now = seconds(board.now);
    for (const cell of board.visits) this.cells.set(cell.id, cell);
    for (const lane of board.lanes) this.lanes.set(lane.id, lane);
    for (const lane of table.lanes) this.#tabled.set(lane.id, lane.days);
    this.#drives = new Drives(table);
  }

  get drives(): Drives {
    return this.#drives;
  }

  /** The lane's days, if both the board and the table hold it. */
  of(lane: string): { shown: readonly LaneDay[]; tabled: readonly TableDay[] } | null {
    const shown = this.lanes.get(lane)?.days;
    const tabled = this.#tabled.get(lane);
    return shown === undefined || tabled === undefined ? null : { shown, tabled };
  }

  /** The number of the day in which an instant lies, on the clock of the organisation. */
  at(instant: number): number | null {
    const found = this.board.days.findIndex(
      (day) => seconds(day.start) <= instant && instant < seconds(day.end),
    );
    return found < 0 ? null : found;
  }

  /** A lane's day as it stands. */
  before(lane: string, number: number): Evaluated | null {
    const read = this.#lane(lane, number);
    if (read === null) return null;
    read.before ??= evaluated(read.resource, read.dues, this.#drives, this.now);
    return read.before;
  }

  /** The same with one visit taken away, or put elsewhere. */
  after(lane: string, number: number, visit: string, dropped: Due | null): Evaluated | null {
    const read = this.#lane(lane, number);
    if (read === null) return null;
    const dues = read.dues.filter((due) => due.id !== visit);
    if (dropped !== null && this.#stands(lane, number, dropped)) dues.push(dropped);
    return evaluated(read.resource, dues, this.#drives, this.now);
  }

  /** Whether it stands on that local day: where it begins, or the first that it reaches into. */
  #stands(lane: string, number: number, due: Due): boolean {
    const day = this.of(lane)?.shown[number];
    if (day === undefined) return false;
    const [low, high] = span(day);
    const until = Math.max(due.end, due.expectedEnd ?? 0);
    return due.start >= low ? due.start < high : until > low;
  }

  /** Null: not all of that day is seen. */
  #lane(lane: string, number: number): Read | null {
    const key = `${lane} ${number}`;
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const days = this.of(lane);
    const [shown, tabled] = [days?.shown[number], days?.tabled[number]];
    if (shown === undefined || tabled === undefined || shown.totals === null) return null;
    const driven: Due[] = [];
    const still: Span[] = [];
    for (const event of shown.events) {
      const place = this.#drives.place(`event:${event.id}`);
      if (place === null) still.push(span(event));
      else
        driven.push({
          ...NOTHING_DONE,
          id: event.id,
          place,
          start: seconds(event.start),
          end: seconds(event.end),
        });
    }
    const visits = shown.visit_ids.flatMap((id) => {
      const cell = this.cells.get(id);
      return cell === undefined || cell.status === "canceled" ? [] : (due(cell) ?? []);
    });
    const found: Read = {
      resource: {
        start: this.#base(tabled.start),
        end: this.#base(tabled.end),
        shift: span(tabled.shift),
        outside: [this.#outside(tabled.first_leg), this.#outside(tabled.last_leg)],
        pause: tabled.pause && {
          seconds: tabled.pause.seconds,
          earliest: seconds(tabled.pause.earliest),
          latest: seconds(tabled.pause.latest),
        },
        busy: merged([...tabled.busy.map(span), ...still, ...shown.busy.map(span), ...shown.holds.map(span)]),
      },
      dues: [...visits, ...driven],
      before: null,
    };
    this.#read.set(key, found);
    return found;
  }

  #base(key: string): Place {
    return this.#drives.place(key) ?? { key, point: null };
  }

  #outside(leg: string): number {
    return leg === "outside" ? this.table.rules.commute_seconds : 0;
  }
}

const NOTHING_DONE = {
  promised: null,
  setOff: null,
  arrived: null,
  began: null,
  ended: null,
  expectedEnd: null,
};

/** A visit at its place on the board; null: it has none. */
function due(cell: Cell): Due | null {
  if (cell.planned_start === null || cell.planned_end === null) return null;
  const over = OVER.has(cell.status);
  const done = over || UNDER_WAY.has(cell.status) ? cell : null;
  return {
    id: cell.id,
    place: site(cell),
    start: seconds(cell.planned_start),
    end: seconds(cell.planned_end),
    promised: promised(cell),
    setOff: perhaps(done?.travel_started_at),
    arrived: perhaps(done?.arrived_at),
    began: perhaps(done?.started_at),
    ended: over ? seconds(cell.finished_at ?? cell.planned_end) : null,
    expectedEnd: perhaps(cell.expected_end),
  };
}

/** A visit where it is dropped. */
export function dropped(visit: Cell, start: number, end: number): Due {
  const expectedEnd = perhaps(visit.expected_end);
  return {
    ...NOTHING_DONE,
    id: visit.id,
    place: site(visit),
    start,
    end,
    promised: promised(visit),
    expectedEnd,
  };
}

export function promised(cell: Cell): Span | null {
  if (cell.promised_start === null || cell.promised_end === null) return null;
  return [seconds(cell.promised_start), seconds(cell.promised_end)];
}

function site(cell: Cell): Place {
  const { latitude, longitude } = cell;
  return { key: cell.site_id, point: latitude === null || longitude === null ? null : [latitude, longitude] };
}

/** In order, without overlaps. */
function merged(busy: Span[]): Span[] {
  const found: Span[] = [];
  for (const [start, end] of busy.sort((one, other) => one[0] - other[0] || one[1] - other[1])) {
    const until = found.at(-1)?.[1];
    if (until === undefined || start >= until) found.push([start, end]);
    else if (end > until) found.push([until, end]);
  }
  return found;
}
