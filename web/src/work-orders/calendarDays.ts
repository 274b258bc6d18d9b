/** Days of a calendar's page: `2026-11-23`, which has no zone of its own. */

import { plusDays } from "@/board/clock";

export type Span = "month" | "week";

const weekdayOf = (day: string): number => (new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7;

/** The Monday of its week. */
export const mondayOf = (day: string): string => plusDays(day, -weekdayOf(day));

/** The whole weeks that a month touches. */
export function pageOfMonth(day: string): { first: string; days: number } {
  const first = mondayOf(`${day.slice(0, 7)}-01`);
  const next = plusMonths(`${day.slice(0, 7)}-01`, 1);
  const length = (Date.parse(next) - Date.parse(first)) / 86_400_000;
  return { first, days: Math.ceil(length / 7) * 7 };
}

/** The same day so many months on, or the last one of a month that is shorter. */
export function plusMonths(day: string, by: number): string {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month + by, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + by, Math.min(date, last))).toISOString().slice(0, 10);
}

/** Where a key leads from a day; null: nowhere. */
export function stepped(day: string, key: string, span: Span): string | null {
  switch (key) {
    case "ArrowLeft":
      return plusDays(day, -1);
    case "ArrowRight":
      return plusDays(day, 1);
    case "ArrowUp":
      return plusDays(day, -7);
    case "ArrowDown":
      return plusDays(day, 7);
    case "Home":
      return mondayOf(day);
    case "End":
      return plusDays(mondayOf(day), 6);
    case "PageUp":
      return span === "week" ? plusDays(day, -7) : plusMonths(day, -1);
    case "PageDown":
      return span === "week" ? plusDays(day, 7) : plusMonths(day, 1);
    default:
      return null;
  }
}

/** "November 2026". */
export const monthWords = (day: string): string =>
  new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(`${day}T00:00Z`),
  );
