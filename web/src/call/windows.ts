/** How windows are said: to the caller on the phone, and on the page. Wall clocks are the site's. */

import { dateIn, named } from "@/ui/wall";

const part = (zone: string, options: Intl.DateTimeFormatOptions, at: string) =>
  new Intl.DateTimeFormat(undefined, { timeZone: zone, ...options }).format(new Date(at));

const HALF = /[\s\u202f](AM|PM)$/i;

/** "8 AM", "8:30 AM"; "8:00" where people count to twenty-four. */
export function clock(at: string, zone: string): string {
  const whole = part(zone, { hour: "numeric", minute: "2-digit" }, at);
  return HALF.test(whole) ? whole.replace(":00", "") : whole;
}

const sameDay = (start: string, end: string, zone: string): boolean =>
  dateIn(Date.parse(start), zone) === dateIn(Date.parse(end), zone);

/** "8 – 10 AM": what both ends share is said once. "10 PM – Wed, Nov 25, 6 AM" where it ends on another day. */
export function span(start: string, end: string, zone: string): string {
  const [from, to] = [clock(start, zone), clock(end, zone)];
  if (!sameDay(start, end, zone)) return `${from} – ${date(end, zone)}, ${to}`;
  const half = HALF.exec(from)?.[1];
  return `${half !== undefined && half === HALF.exec(to)?.[1] ? from.replace(HALF, "") : from} – ${to}`;
}

const date = (at: string, zone: string) =>
  part(zone, { weekday: "short", month: "short", day: "numeric" }, at);

/** "Today", "Tomorrow", or "Tue, Nov 24". */
export function day(at: string, zone: string, now: Date = new Date()): string {
  const that = dateIn(Date.parse(at), zone);
  const today = dateIn(now.getTime(), zone);
  if (that === today) return "Today";
  const next = new Date(`${today}T12:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return that === next.toISOString().slice(0, 10) ? "Tomorrow" : date(at, zone);
}

/** "Today, 8 – 10 AM", and "MST" behind it where the clock at the site is not the one that `ours` shows. */
export const told = (start: string, end: string, zone: string, ours: string): string =>
  `${day(start, zone)}, ${span(start, end, zone)}${named(Date.parse(start), zone, ours)}`;

/** What one says to the caller: "Tuesday, November 24, between 8 AM and 10 AM". */
export function spoken(start: string, end: string, zone: string): string {
  const long = (at: string) => part(zone, { weekday: "long", month: "long", day: "numeric" }, at);
  const over = sameDay(start, end, zone) ? "" : ` on ${long(end)}`;
  return `${long(start)}, between ${clock(start, zone)} and ${clock(end, zone)}${over}`;
}

/** Minutes as people say them: "45 min", "1 h", "1 h 30". */
export function minutes(count: number): string {
  if (count < 60) return `${count} min`;
  const rest = count % 60;
  return `${Math.floor(count / 60)} h${rest ? ` ${String(rest).padStart(2, "0")}` : ""}`;
}
