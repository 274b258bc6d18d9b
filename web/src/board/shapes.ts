/** What the reckoning of a drag reads: parts of `GET /api/v2/board` and the whole of `GET /api/v2/board/table`,
 * as they come. Moments are RFC 3339 in UTC. */

export interface Stretch {
  start: string;
  end: string;
}

/** Of `board.visits`. A visit from the tray is one, too: `fromTray`. */
export interface Cell {
  id: string;
  status: string;
  lock: string;
  duration_minutes: number;
  planned_start: string | null;
  planned_end: string | null;
  promised_start: string | null;
  promised_end: string | null;
  expected_end: string | null;
  travel_started_at: string | null;
  arrived_at: string | null;
  started_at: string | null;
  finished_at: string | null;
  job_type_id: string;
  crew_size: number;
  site_id: string;
  latitude: number | null;
  longitude: number | null;
  assigned: readonly { technician_id: string }[];
}

/** A row of `GET /api/v2/board/tray` that is a visit. */
export type TrayRow = Omit<
  Cell,
  | "id"
  | "lock"
  | "expected_end"
  | "travel_started_at"
  | "arrived_at"
  | "started_at"
  | "finished_at"
  | "assigned"
> & { visit_id: string | null };

export interface LaneDay {
  date: string;
  start: string;
  end: string;
  known: boolean;
  pieces: readonly (Stretch & { kind: string })[];
  overtime: readonly Stretch[];
  events: readonly (Stretch & { id: string })[];
  holds: readonly (Stretch & { expires_at: string })[];
  busy: readonly Stretch[];
  visit_ids: readonly string[];
  totals: object | null;
}

export interface Lane {
  id: string;
  active: boolean;
  days: readonly LaneDay[];
}

export interface Board {
  now: string;
  days: readonly (Stretch & { date: string })[];
  lanes: readonly Lane[];
  visits: readonly Cell[];
}

export interface TableDay {
  date: string;
  start: string;
  end: string;
  shift: Stretch;
  first_leg: string;
  last_leg: string;
  pause: { seconds: number; earliest: string; latest: string } | null;
  busy: readonly Stretch[];
  off: readonly Stretch[];
  skills: Readonly<Record<string, number>>;
}

export interface Rules {
  earth_radius_metres: number;
  detour: number;
  paces: readonly { up_to_metres: number | null; metres_per_second: number }[];
  stop_seconds: number;
  unknown_seconds: number;
  commute_seconds: number;
  access_tolerance_seconds: number;
}

export interface Table {
  rules: Rules;
  points: readonly (readonly number[] | null)[];
  places: Readonly<Record<string, number>>;
  known: readonly (readonly number[])[];
  lanes: readonly { id: string; days: readonly TableDay[] }[];
  needs: Readonly<Record<string, Readonly<Record<string, number>>>>;
  refused: Readonly<Record<string, readonly string[]>>;
  access: Readonly<Record<string, readonly Stretch[]>>;
}

/** From `start` until just before `end`, in seconds. */
export type Span = readonly [start: number, end: number];

export function seconds(moment: string): number {
  return Math.floor(Date.parse(moment) / 1000);
}

export function perhaps(moment: string | null | undefined): number | null {
  return moment == null ? null : seconds(moment);
}

export function moment(at: number): string {
  return new Date(at * 1000).toISOString().replace(".000Z", "Z");
}

export function span(stretch: Stretch): Span {
  return [seconds(stretch.start), seconds(stretch.end)];
}

/** To the nearest whole number; a half to the even one, as the server does it. */
export function rounded(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

/** Whole minutes; half of one counts. */
export function minutes(length: number): number {
  return Math.floor((length + 30) / 60);
}
