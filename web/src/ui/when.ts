/** Moments in words, in the zone of what they are about, whatever zone the browser is in. */

export type Shape = "time" | "day" | "moment" | "full";

const SHAPES: Record<Shape, Intl.DateTimeFormatOptions> = {
  time: { hour: "numeric", minute: "2-digit" },
  day: { weekday: "short", month: "short", day: "numeric" },
  moment: { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" },
  full: { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" },
};

const formats = new Map<string, Intl.DateTimeFormat>();

function format(shape: Shape, zone: string, named: boolean): Intl.DateTimeFormat {
  const key = `${shape} ${zone} ${named}`;
  let found = formats.get(key);
  if (!found) {
    const options: Intl.DateTimeFormatOptions = { ...SHAPES[shape], timeZone: zone };
    if (named) options.timeZoneName = "short";
    found = new Intl.DateTimeFormat(undefined, options);
    formats.set(key, found);
  }
  return found;
}

/** "Mon, Nov 23, 10:05 AM CST"; the zone is named where `named`. */
export function when(at: string | Date, zone: string, shape: Shape = "moment", named = false): string {
  return format(shape, zone, named).format(new Date(at));
}

/** "10:00 – 12:00" of one day, or two moments with their days. */
export function between(from: string, to: string, zone: string, shape: Shape = "time"): string {
  return format(shape, zone, false).formatRange(new Date(from), new Date(to));
}

/** A calendar day (`2026-11-23`), which has no zone: "Mon, Nov 23, 2026". */
export function onDay(day: string, year = true): string {
  const options: Intl.DateTimeFormatOptions = { ...SHAPES.day, timeZone: "UTC" };
  if (year) options.year = "numeric";
  return new Intl.DateTimeFormat(undefined, options).format(new Date(`${day}T00:00:00Z`));
}

/** Whether a moment shows the same hour in both zones. */
export function sameHour(at: string | Date, one: string, other: string): boolean {
  return when(at, one, "moment") === when(at, other, "moment");
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "5 minutes ago", "in 2 days". */
export function ago(at: string | Date | number, now: number = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return words.format(Math.round(seconds / length), unit);
  }
  return "just now";
}
