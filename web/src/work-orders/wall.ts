/** What a clock at a site shows, and the moment that it means. */

/** "2026-11-23T08:00", as an input of day and time has it. */
export function wallOf(at: string | number | Date, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
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
