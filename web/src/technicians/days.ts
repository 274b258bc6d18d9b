/** Calendar days as the API writes them (`2026-11-23`), which belong to no zone. */

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export const WEEKDAY_WORDS: Record<Weekday, string> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};

const noon = (day: string) => new Date(`${day}T12:00:00Z`);

/** So many days later. */
export function plus(day: string, days: number): string {
  const moved = noon(day);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

export const weekdayOf = (day: string): Weekday => WEEKDAYS[(noon(day).getUTCDay() + 6) % 7] as Weekday;

/** The Monday of its week. */
export const mondayOf = (day: string): string => plus(day, -WEEKDAYS.indexOf(weekdayOf(day)));

/** What day it is there. */
export const today = (zone: string, now: Date = new Date()): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(now);

/** How many days from one to the other. */
export const apart = (from: string, to: string): number =>
  Math.round((noon(to).getTime() - noon(from).getTime()) / 86_400_000);
