/** How an event may be repeated: the few rules that one means without thinking, as the API has them, and any rule in
 * words. Days are the organisation's. */

import type { Schemas } from "@/api/client";

export type Repeats = Schemas["Repeats"];
export type Every = "never" | "day" | "workday" | "week" | "two_weeks" | "month_day" | "month_weekday";

const NAMES = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
const FULL = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const NTH = ["first", "second", "third", "fourth", "last"];

const weekdayOf = (day: string): number => new Date(`${day}T12:00:00Z`).getUTCDay();
const dateOf = (day: string): number => Number(day.slice(8, 10));
/** Of those weekdays of its month: the second; the fifth is the last. */
const nthOf = (day: string): number => Math.min(5, Math.ceil(dateOf(day) / 7));

/** What may be chosen, in the words of the first day. */
export function choicesOf(day: string): { value: Every; text: string }[] {
  const weekday = FULL[weekdayOf(day)] ?? "";
  return [
    { value: "never", text: "Does not repeat" },
    { value: "day", text: "Every day" },
    { value: "workday", text: "Monday to Friday" },
    { value: "week", text: `Every week, on ${weekday}` },
    { value: "two_weeks", text: `Every two weeks, on ${weekday}` },
    { value: "month_day", text: `Every month, on day ${dateOf(day)}` },
    { value: "month_weekday", text: `Every month, on the ${NTH[nthOf(day) - 1]} ${weekday}` },
  ];
}

/** The rule, from its first day until its last. */
export function ruleOf(every: Every, day: string, until: string): Repeats | null {
  const name = NAMES[weekdayOf(day)] ?? "mon";
  switch (every) {
    case "never":
      return null;
    case "day":
      return { frequency: "daily", until };
    case "workday":
      return { frequency: "weekly", weekdays: ["mon", "tue", "wed", "thu", "fri"], until };
    case "week":
      return { frequency: "weekly", weekdays: [name], until };
    case "two_weeks":
      return { frequency: "weekly", interval: 2, weekdays: [name], until };
    case "month_day":
      return { frequency: "monthly", month_days: [dateOf(day)], until };
    case "month_weekday": {
      const nth = nthOf(day);
      return { frequency: "monthly", weekdays: [name], nth: nth === 5 ? -1 : nth, until };
    }
  }
}

const UNITS = { daily: "day", weekly: "week", monthly: "month", yearly: "year" } as const;

/** "Every 2 weeks, on Monday and Friday, until Dec 24, 2026". */
export function inWords(rule: Repeats): string {
  const { frequency, interval = 1, weekdays, nth, month_days: dates, count, until } = rule;
  const unit = UNITS[frequency];
  const parts = [interval === 1 ? `Every ${unit}` : `Every ${interval} ${unit}s`];
  const of = nth ? `the ${nth < 0 ? "last" : (NTH[nth - 1] ?? `${nth}th`)} ` : "";
  if (weekdays) parts.push(`on ${of}${listed(weekdays.map((one) => FULL[NAMES.indexOf(one)] ?? one))}`);
  if (dates) parts.push(`on ${listed(dates.map((one) => (one < 0 ? "the last day" : `day ${one}`)))}`);
  if (until) parts.push(`until ${lastDay(until)}`);
  if (count) parts.push(count === 1 ? "once" : `${count} times`);
  return parts.join(", ");
}

const lastDay = (day: string): string =>
  new Intl.DateTimeFormat(undefined, {
    year: "numeric",
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  }).format(Date.parse(`${day}T12:00:00Z`));

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
