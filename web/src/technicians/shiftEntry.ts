/** A shift as its form holds it: what is typed, what of that can be sent, and what a new one begins with. */

import { z } from "zod";
import type { Schemas } from "@/api/client";
import { WEEKDAYS, type Weekday, weekdayOf } from "./days";
import type { Shift } from "./technicians";

type Break = Schemas["Break"];

const time = z.string().regex(/^\d\d:\d\d$/, "Type a time.");
const minutes = z
  .string()
  .trim()
  .regex(/^\d{1,3}$/, "Type a number of minutes, 5 to 240.")
  .transform(Number)
  .refine((value) => value >= 5 && value <= 240, "Type a number of minutes, 5 to 240.");

/** With a second time it may begin anywhere between the two. */
const pause = z
  .object({ minutes, start: time, latest: z.union([z.literal(""), time]) })
  .transform(
    (one): Break =>
      one.latest
        ? { minutes: one.minutes, earliest: one.start, latest: one.latest }
        : { minutes: one.minutes, start: one.start },
  );

export const Entered = z.object({
  name: z.string().trim().min(1, "Type a name for it, such as “Days”."),
  kind: z.enum(["normal", "on_call"]),
  valid_from: z.string().min(1, "Choose its first day."),
  valid_until: z.string().transform((value) => value || null),
  overrides: z.boolean(),
  overtime_minutes: z
    .string()
    .trim()
    .regex(/^\d{1,3}$/, "Type a number of minutes, 0 to 720.")
    .transform(Number),
  rotation_weeks: z
    .string()
    .trim()
    .regex(/^\d{1,2}$/, "Type a number of weeks, 1 to 52.")
    .transform(Number),
  spans: z.array(
    z.object({
      week: z.string().transform(Number),
      weekday: z.enum(WEEKDAYS),
      start: time,
      end: time,
      breaks: z.array(pause),
    }),
  ),
});
export type Typed = z.input<typeof Entered>;
export type Entered = z.output<typeof Entered>;
type Line = Typed["spans"][number];

/** As many as a day takes. */
export const MOST_BREAKS = 5;

export const line = (weekday: Weekday): Line => ({
  week: "1",
  weekday,
  start: "08:00",
  end: "17:00",
  breaks: [],
});

/** A new break: at noon. */
export const NOON: Line["breaks"][number] = { minutes: "30", start: "12:00", latest: "" };

export function typed(of: Shift): Typed {
  return {
    name: of.name,
    kind: of.kind,
    valid_from: of.valid_from,
    valid_until: of.valid_until ?? "",
    overrides: of.overrides,
    overtime_minutes: of.overtime_minutes.toString(),
    rotation_weeks: of.rotation_weeks.toString(),
    spans: of.spans.map(({ week, weekday, start, end, breaks }) => ({
      week: (week ?? 1).toString(),
      weekday,
      start,
      end,
      breaks: (breaks ?? []).map((one) => ({
        minutes: (one.minutes ?? 30).toString(),
        start: one.start ?? one.earliest ?? "",
        latest: one.latest ?? "",
      })),
    })),
  };
}

const BASE = { kind: "normal", overtime_minutes: "0", rotation_weeks: "1" } as const;

/** What a new shift begins with: hours of one day alone, or those of every week from a day on. */
export const begun = (from: string, alone: boolean): Typed =>
  alone
    ? {
        ...BASE,
        name: "Other hours",
        valid_from: from,
        valid_until: from,
        overrides: true,
        spans: [line(weekdayOf(from))],
      }
    : {
        ...BASE,
        name: "Days",
        valid_from: from,
        valid_until: "",
        overrides: false,
        spans: WEEKDAYS.slice(0, 5).map(line),
      };
