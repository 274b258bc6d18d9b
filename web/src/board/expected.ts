/** When the stops of somebody's day will really be: the server's `app/scheduling/expected.py`, step for step.
 *
 * What happened stands as it happened; nobody leaves in the past, nor before they are done where they are;
 * whoever is early waits for the plan. The floating break is taken where it delays nobody, or where it is the
 * last chance, and left out where there is none. All times are whole seconds. */

import type { Drives, Place } from "./drives.ts";
import type { Span } from "./shapes.ts";

export interface Due {
  id: string;
  place: Place;
  start: number;
  end: number;
  promised: Span | null;
  setOff: number | null;
  arrived: number | null;
  began: number | null;
  ended: number | null;
  expectedEnd: number | null;
}

/** Somebody's local day before anything stands on it. */
export interface Resource {
  start: Place;
  end: Place;
  shift: Span;
  /** So much of the first and of the last drive lies outside the shift at most. */
  outside: readonly [first: number, last: number];
  pause: { seconds: number; earliest: number; latest: number } | null;
  /** In order, without overlaps. */
  busy: readonly Span[];
}

export interface Stop {
  id: string;
  leaveBy: number;
  leaveAt: number;
  drive: number;
  from: Place;
  place: Place;
  arrive: number;
  start: number;
  end: number;
}

/** In seconds, as the lane's totals. */
export interface Sums {
  drive: number;
  work: number;
  idle: number;
  overtime: number;
  homeAt: number;
}

export interface Evaluated {
  stops: Stop[];
  sums: Sums;
  /** Those who come after the time that was promised. */
  late: Set<string>;
}

export function evaluated(resource: Resource, dues: readonly Due[], drives: Drives, now: number): Evaluated {
  let here = resource.start;
  let free: number | null = null;
  let rested = resource.pause === null;
  const stops: Stop[] = [];
  const late = new Set<string>();
  for (const due of [...dues].sort(inOrder)) {
    const drive = drives.leg(here, due.place).seconds;
    const leaveBy = driveUntil(resource.busy, due.start, drive);
    let stop: Stop;
    if (waits(due)) {
      const ready = Math.max(now, free ?? leaveBy);
      [stop, rested] = toCome(resource, due, drive, leaveBy, ready, here, rested);
    } else {
      stop = begun(due, drive, leaveBy, here, now);
    }
    stops.push(stop);
    const open = due.ended === null && due.arrived === null;
    if (open && due.promised !== null && stop.arrive > due.promised[1]) late.add(due.id);
    here = due.place;
    free = stop.end;
  }
  return { stops, sums: sums(resource, stops, drives), late };
}

function waits(due: Due): boolean {
  return due.setOff === null && due.arrived === null && due.ended === null;
}

/** What is over, what is under way, what is to come; each by its time. */
function inOrder(one: Due, other: Due): number {
  return (
    rank(one) - rank(other) ||
    since(one) - since(other) ||
    (one.id < other.id ? -1 : one.id > other.id ? 1 : 0)
  );
}

function rank(due: Due): number {
  if (due.ended !== null) return 0;
  return waits(due) ? 2 : 1;
}

function since(due: Due): number {
  return due.arrived ?? due.setOff ?? due.began ?? due.ended ?? due.start;
}

function begun(due: Due, drive: number, leaveBy: number, from: Place, now: number): Stop {
  let arrive: number;
  let start: number;
  if (due.arrived !== null || due.ended !== null) {
    arrive = due.arrived ?? due.began ?? due.ended ?? due.start;
    start = due.began ?? arrive;
  } else {
    arrive = Math.max(now, (due.setOff ?? now) + drive);
    start = due.promised === null ? arrive : Math.max(arrive, due.promised[0]);
  }
  const leaveAt = due.setOff ?? arrive - drive;
  const said = due.expectedEnd ?? start + (due.end - due.start);
  const end = due.ended ?? Math.max(now, said, start);
  return { id: due.id, leaveBy, leaveAt, drive, from, place: due.place, arrive, start, end };
}

/** The next one, and whether the break is behind one then. */
function toCome(
  { busy, pause }: Resource,
  due: Due,
  drive: number,
  leaveBy: number,
  ready: number,
  from: Place,
  rested: boolean,
): [Stop, boolean] {
  const length = due.end - due.start;
  function leaving(at: number): Stop {
    const leaveAt = driveFrom(busy, Math.max(at, leaveBy), drive);
    const arrive = leaveAt + drive;
    const start = clearFrom(busy, Math.max(arrive, due.start), length);
    const end = Math.max(start + length, due.expectedEnd ?? 0);
    return { id: due.id, leaveBy, leaveAt, drive, from, place: due.place, arrive, start, end };
  }
  const plain = leaving(ready);
  if (rested || pause === null) return [plain, rested];
  const begins = Math.max(ready, pause.earliest);
  if (begins > pause.latest) return [plain, false]; // there was no room for it
  const delaysNobody =
    begins + pause.seconds <= plain.leaveAt ||
    (plain.arrive <= pause.latest && Math.max(plain.arrive, pause.earliest) + pause.seconds <= plain.start);
  if (delaysNobody) return [plain, true];
  if (plain.end <= pause.latest) return [plain, false]; // there is room behind it
  return [leaving(begins + pause.seconds), true];
}

/** The first departure, not before `at`, of a drive that meets nothing busy. */
function driveFrom(busy: readonly Span[], at: number, length: number): number {
  for (const [start, end] of busy) if (at < end && at + length > start) at = end;
  return at;
}

/** The last departure of a drive that arrives not after `at` and meets nothing busy. */
function driveUntil(busy: readonly Span[], at: number, length: number): number {
  let leaves = at - length;
  for (let i = busy.length - 1; i >= 0; i--) {
    const [start, end] = busy[i] as Span;
    if (leaves < end && leaves + length > start) leaves = start - length;
  }
  return leaves;
}

/** The first beginning, not before `at`, from which so many seconds meet nothing busy. */
function clearFrom(busy: readonly Span[], at: number, length: number): number {
  for (const [start, end] of busy) if (at > start - length && at < end) at = end;
  return at;
}

/** Of a day without a shift nothing is idle, and nothing overtime. */
function sums(resource: Resource, stops: readonly Stop[], drives: Drives): Sums {
  const [opens, closes] = resource.shift;
  const free = atWork(resource);
  const last = stops.at(-1);
  if (last === undefined) return { drive: 0, work: 0, idle: free, overtime: 0, homeAt: opens };
  const home = drives.leg(last.place, resource.end).seconds;
  const homeAt = driveFrom(resource.busy, last.end, home) + home;
  const [first, outside] = resource.outside;
  const drive = stops.reduce((sum, one) => sum + one.drive, home);
  const work = stops.reduce((sum, one) => sum + Math.max(0, one.end - one.start), 0);
  const apart = Math.min(stops[0]?.drive ?? 0, first) + Math.min(home, outside);
  return {
    drive,
    work,
    idle: Math.max(0, free - (drive - apart) - work),
    overtime: closes > opens ? Math.max(0, homeAt - Math.min(home, outside) - closes) : 0,
    homeAt,
  };
}

/** Seconds of the shift without what is busy and the break. */
function atWork({ shift: [opens, closes], busy, pause }: Resource): number {
  let worked = Math.max(0, closes - opens);
  for (const [start, end] of busy) worked -= Math.max(0, Math.min(end, closes) - Math.max(start, opens));
  if (pause !== null) {
    const low = Math.max(pause.earliest, opens);
    const high = Math.min(pause.latest + pause.seconds, closes);
    worked -= low < high ? Math.min(pause.seconds, high - low) : 0;
  }
  return Math.max(0, worked);
}
