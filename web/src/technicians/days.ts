/** Calendar days as the API writes them (`2026-11-23`), which belong to no zone. */

import { wallOf } from "@/ui/wall";

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

const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "short", timeZone: "UTC" });

/** "Mon 16": where month and year are said beside it. */
export const shortDay = (day: string): string => `${WEEKDAY.format(noon(day))} ${Number(day.slice(-2))}`;

/** The Monday of its week. */
export const mondayOf = (day: string): string => plus(day, -WEEKDAYS.indexOf(weekdayOf(day)));

/** What the clock there shows, in hours from the midnight that begins a day: 25.5 is half past one in the night
 * after. It counts the clock's hours, not those that pass while the clocks are changed. */
export const hourOf = (moment: string, day: string, zone: string): number =>
  (Date.parse(`${wallOf(moment, zone)}:00Z`) - Date.parse(`${day}T00:00:00Z`)) / 3_600_000;

const HOUR = new Intl.DateTimeFormat(undefined, { hour: "numeric", timeZone: "UTC" });

/** "8 AM", or "08" where people count to twenty-four. */
export const hourWords = (hour: number): string => HOUR.format(Date.UTC(2000, 0, 1, hour % 24));

/** What day it is there. */
export const today = (zone: string, now: Date = new Date()): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(now);

/** How many days from one to the other. */
export const apart = (from: string, to: string): number =>
  Math.round((noon(to).getTime() - noon(from).getTime()) / 86_400_000);
