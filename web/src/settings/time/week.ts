/** Days of the week and times of the day, as clocks on walls show them: they have no zone. */

import { z } from "zod";

export const DAYS = [
  { value: "mon", text: "Mon" },
  { value: "tue", text: "Tue" },
  { value: "wed", text: "Wed" },
  { value: "thu", text: "Thu" },
  { value: "fri", text: "Fri" },
  { value: "sat", text: "Sat" },
  { value: "sun", text: "Sun" },
] as const;

export type Day = (typeof DAYS)[number]["value"];

export const LONG: Readonly<Record<Day, string>> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};

export const TIME = z.string().regex(/^\d\d:\d\d/, "Choose a time.");

const format = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit", timeZone: "UTC" });

/** "8:00 AM" of "08:00". */
export const clock = (time: string): string => format.format(new Date(`2000-01-01T${time.slice(0, 5)}:00Z`));

/** "Every day", "Mon – Fri", "Mon, Wed". */
export function daysSaid(days: readonly string[] | null): string {
  if (days === null || days.length === 7) return "Every day";
  const places = DAYS.map((one, place) => (days.includes(one.value) ? place : -1)).filter(
    (place) => place >= 0,
  );
  const [first = 0, last = 0] = [places[0], places.at(-1)];
  const text = (place: number) => DAYS[place]?.text ?? "";
  if (places.length > 2 && last - first === places.length - 1) return `${text(first)} – ${text(last)}`;
  return places.map(text).join(", ");
}

/** Hours of a week as the API has them: spans of each day, a day that is left out is free. */
export type Week = { [day: string]: string[][] };

/** "Mon – Fri 8:00 AM – 5:00 PM": days with the same hours together. */
export function weekSaid(week: Week): string {
  const said = new Map<string, string[]>();
  for (const { value } of DAYS) {
    const spans = week[value] ?? [];
    if (spans.length === 0) continue;
    const hours = spans.map(([from = "", to = ""]) => `${clock(from)} – ${clock(to)}`).join(", ");
    said.set(hours, [...(said.get(hours) ?? []), value]);
  }
  return [...said].map(([hours, days]) => `${daysSaid(days)} ${hours}`).join("; ");
}

/** As it is typed: each span begins and ends. */
export const Hours = z.custom<Week>().superRefine((week, wrong) => {
  for (const { value: day } of DAYS) {
    for (const [place, span] of (week?.[day] ?? []).entries()) {
      if (span[0] && span[1]) continue;
      const message = `Say from when until when on ${LONG[day]}.`;
      wrong.addIssue({ code: "custom", path: [day, place], message });
    }
  }
});
