/** Times as a board shows them: short where a place on the axis says the rest, and whole where nothing does. */

import { dateIn, named } from "@/ui/wall";

export { dateIn, named, zoneName } from "@/ui/wall";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${zone} ${key}`;
  let found = formats.get(name);
  if (!found) {
    found = new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone });
    formats.set(name, found);
  }
  return found;
}

const MOST = 4_000;
const known = new Map<string, string>();
const HALF = /[\s\u202f](AM|PM)$/i;

/** "10:05 AM" or "10:05", as the reader's country writes it. A board says the same moments again and again. */
export function time(at: number, zone: string): string {
  const name = `${at} ${zone}`;
  let found = known.get(name);
  if (found === undefined) {
    if (known.size > MOST) known.clear();
    found = format(zone, "time", { hour: "numeric", minute: "2-digit" }).format(at);
    known.set(name, found);
  }
  return found;
}

/** "10:05": without morning or afternoon, which its place on the axis says. */
export const short = (at: number, zone: string): string => time(at, zone).replace(HALF, "");

/** "10:05 – 11:00 AM", or "10:00 PM – Tue, Nov 24, 6:00 AM" where it ends on another day. */
export function span(start: number, end: number, zone: string): string {
  const from = time(start, zone);
  const to = time(end, zone);
  if (end - start >= DAY || dateIn(start, zone) !== dateIn(end, zone))
    return `${from} – ${day(end, zone)}, ${to}`;
  const half = HALF.exec(from)?.[1];
  return `${half !== undefined && half === HALF.exec(to)?.[1] ? from.replace(HALF, "") : from} – ${to}`;
}

const DAY = 86_400_000;

/**
 * What somebody at a place was told, or goes by: the day and the hours that the clock there shows, and which clock
 * that is where the board's shows another time.
 */
export const told = (start: number, end: number, there: string, board: string): string =>
  `${day(start, there)}, ${span(start, end, there)}${named(start, there, board)}`;

/** "10 AM", for the axis. */
export const hour = (at: number, zone: string): string =>
  format(zone, "hour", { hour: "numeric" }).format(at);

/** The minute that a clock of a zone shows. */
export const minuteAt = (at: number, zone: string): number =>
  Number(format(zone, "minute", { minute: "numeric" }).format(at));

/** "Mon, Nov 23". */
export const day = (at: number, zone: string): string =>
  format(zone, "day", { weekday: "short", month: "short", day: "numeric" }).format(at);

/** "Nov 23", where there is no room for more. */
export const shortDay = (at: number, zone: string): string =>
  format(zone, "short day", { month: "short", day: "numeric" }).format(at);

/** `2026-11-23` and so many days. */
export function plusDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** "1 h 20", "45 min". */
export function length(minutes: number): string {
  const whole = Math.round(Math.abs(minutes));
  const sign = minutes < 0 ? "−" : "";
  if (whole < 60) return `${sign}${whole} min`;
  const rest = whole % 60;
  return `${sign}${Math.floor(whole / 60)} h${rest ? ` ${String(rest).padStart(2, "0")}` : ""}`;
}

/** The Monday of a day's week. */
export function mondayOf(date: string): string {
  const day = new Date(`${date}T00:00:00Z`).getUTCDay();
  return plusDays(date, -((day + 6) % 7));
}
