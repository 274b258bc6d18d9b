/** Times as a board shows them: short where a place on the axis says the rest, and whole where nothing does. */

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

/** "10:05 – 11:00 AM". */
export function span(start: number, end: number, zone: string): string {
  const from = time(start, zone);
  const to = time(end, zone);
  const half = HALF.exec(from)?.[1];
  return `${half !== undefined && half === HALF.exec(to)?.[1] ? from.replace(HALF, "") : from} – ${to}`;
}

/** "10 AM", for the axis. */
export const hour = (at: number, zone: string): string =>
  format(zone, "hour", { hour: "numeric" }).format(at);

/** "Mon, Nov 23". */
export const day = (at: number, zone: string): string =>
  format(zone, "day", { weekday: "short", month: "short", day: "numeric" }).format(at);

/** "CST": what the clock of a zone is called then. */
export const zoneName = (at: number, zone: string): string =>
  format(zone, "zone", { timeZoneName: "short" })
    .formatToParts(at)
    .find((part) => part.type === "timeZoneName")?.value ?? zone;

/** The calendar day (`2026-11-23`) that it is somewhere. */
export const dateIn = (at: number, zone: string): string =>
  new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(at);

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

/** What a clock of a zone shows, `2026-11-23T10:05`. */
export function wallOf(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}`;
}

/** The instant at which a clock of a zone shows this: the first, where it shows it twice. */
export function instantOf(wall: string, zone: string): string {
  const wanted = Date.parse(`${wall}:00Z`);
  let found = wanted;
  for (let n = 0; n < 2; n++) found += wanted - Date.parse(`${wallOf(found, zone)}:00Z`);
  return new Date(found).toISOString();
}

/** The Monday of a day's week. */
export function mondayOf(date: string): string {
  const day = new Date(`${date}T00:00:00Z`).getUTCDay();
  return plusDays(date, -((day + 6) % 7));
}
