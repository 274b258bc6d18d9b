/** What a clock somewhere shows, and the moment that it means: the one place in which the two are turned into each
 * other. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(
  zone: string,
  locale: string | undefined,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${zone} ${locale} ${Object.keys(options).join()}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    formats.set(key, found);
  }
  return found;
}

/** "2026-11-23T08:00", as an input of day and time has it. */
export function wallOf(at: string | number | Date, zone: string): string {
  const parts = format(zone, "en-CA", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(at));
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}`;
}

/** The moment at which the clock shows it; of an hour that comes twice the first, and one that the clock
 * leaves out is read as the hour after. */
export function instantOf(wall: string, zone: string): string {
  const shown = Date.parse(`${wall}:00Z`);
  const offset = (at: number) => Date.parse(`${wallOf(at, zone)}:00Z`) - at;
  const day = 86_400_000;
  const guesses = [offset(shown - day), offset(shown + day)].map((one) => shown - one);
  const right = guesses.filter((at) => wallOf(at, zone) === wall);
  return new Date(Math.min(...(right.length ? right : [Math.max(...guesses)]))).toISOString();
}

const MOST = 4_000;
const QUARTER = 900_000;
const days = new Map<string, string>();

/** The calendar day (`2026-11-23`) that it is somewhere. */
export function dateIn(at: number, zone: string): string {
  // days begin at quarters of an hour of all clocks, and boards ask of the same ones again and again
  const key = `${Math.floor(at / QUARTER)} ${zone}`;
  let found = days.get(key);
  if (found === undefined) {
    if (days.size > MOST) days.clear();
    found = format(zone, "en-CA", { year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
    days.set(key, found);
  }
  return found;
}

/** "CST": what the clock of a zone is called then. */
export const zoneName = (at: number, zone: string): string =>
  format(zone, undefined, { timeZoneName: "short" })
    .formatToParts(at)
    .find((part) => part.type === "timeZoneName")?.value ?? zone;

/** " MST" where the clocks of two zones show different times then, and nothing where it is one time. */
export const named = (at: number, zone: string, than: string): string =>
  zone === than || wallOf(at, zone) === wallOf(at, than) ? "" : ` ${zoneName(at, zone)}`;
