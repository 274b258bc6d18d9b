/** How windows are said: to the caller on the phone, and on the page. Wall clocks are the site's. */

const part = (zone: string, options: Intl.DateTimeFormatOptions, at: string, locale = "en-US") =>
  new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }).format(new Date(at));

/** "8 AM", or "8:30 AM" where the minutes are not nought. */
export function clock(at: string, zone: string): string {
  const minutes = part(zone, { minute: "2-digit" }, at);
  return part(zone, Number(minutes) ? { hour: "numeric", minute: "2-digit" } : { hour: "numeric" }, at);
}

/** "8 – 10 AM": what both ends share is said once. */
export function span(start: string, end: string, zone: string): string {
  const [from, to] = [clock(start, zone), clock(end, zone)];
  const half = to.slice(-2);
  return `${from.endsWith(half) ? from.slice(0, -3) : from} – ${to}`;
}

/** "Today", "Tomorrow", or "Tue, Nov 24". */
export function day(at: string, zone: string, now: Date = new Date()): string {
  const key = (moment: Date) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(moment);
  const that = key(new Date(at));
  if (that === key(now)) return "Today";
  const next = new Date(`${key(now)}T12:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  if (that === next.toISOString().slice(0, 10)) return "Tomorrow";
  return part(zone, { weekday: "short", month: "short", day: "numeric" }, at);
}

/** What one says to the caller: "Tuesday, November 24, between 8 AM and 10 AM". */
export function spoken(start: string, end: string, zone: string): string {
  const date = part(zone, { weekday: "long", month: "long", day: "numeric" }, start);
  return `${date}, between ${clock(start, zone)} and ${clock(end, zone)}`;
}

/** Minutes as people say them: "45 min", "1 h", "1 h 30". */
export function minutes(count: number): string {
  if (count < 60) return `${count} min`;
  const rest = count % 60;
  return `${Math.floor(count / 60)} h${rest ? ` ${String(rest).padStart(2, "0")}` : ""}`;
}
