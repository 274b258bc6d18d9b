/** What windows hold, as a table of days and windows, and as a file. */

import type { Schemas } from "@/api/client";
import { span } from "@/call/windows";
import { dateIn } from "@/ui/wall";

export type Capacity = Schemas["CapacityOut"];
export type Window = Schemas["WindowOut"];
export type Oversold = Schemas["OversoldOut"];

export const DAYS = 14;

export const plusDays = (day: string, by: number): string =>
  new Date(Date.parse(`${day}T00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);

/** What is counted of a window, in the order in which it is said. */
export const FIGURES = [
  { key: "remaining", words: "Left to sell" },
  { key: "available", words: "Available" },
  { key: "sold", words: "Sold" },
  { key: "shadows", words: "Promised, nobody yet" },
  { key: "held", words: "Held" },
  { key: "reserved", words: "Kept back" },
] as const;
export type Figure = (typeof FIGURES)[number]["key"];

export interface Table {
  /** The windows of the day, by their hours: "08:00–10:00". */
  columns: { key: string; words: string }[];
  rows: { day: string; windows: ReadonlyMap<string, Window> }[];
}

/** A window's hours, by which those of different days are one column. */
export const keyOf = (one: Window): string => `${one.start_local}–${one.end_local}`;

export const dayOf = (one: Window, { time_zone: zone }: Pick<Capacity, "time_zone">): string =>
  dateIn(Date.parse(one.window_start), zone);

/** Days down, windows across: days may have windows of their own, and then the others have none there. */
export function tableOf({ windows, time_zone: zone }: Capacity, from: string): Table {
  const columns = new Map<string, string>();
  const days = new Map<string, Map<string, Window>>();
  for (const one of windows) {
    columns.set(keyOf(one), span(one.window_start, one.window_end, zone));
    const day = dayOf(one, { time_zone: zone });
    const its = days.get(day) ?? new Map<string, Window>();
    days.set(day, its.set(keyOf(one), one));
  }
  return {
    columns: [...columns]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, words]) => ({ key, words })),
    rows: Array.from({ length: DAYS }, (_, n) => plusDays(from, n)).map((day) => ({
      day,
      windows: days.get(day) ?? new Map(),
    })),
  };
}

export type State = "past" | "nobody" | "full" | "short" | "open";

/** How a window stands: what one sees at a glance, in words too. */
export function stateOf(one: Window, now = Date.now()): State {
  if (Date.parse(one.window_end) <= now) return "past";
  if (one.available === 0) return "nobody";
  if (one.remaining === 0) return "full";
  return one.remaining * 4 <= one.available ? "short" : "open";
}

/** The promised visits of a window for which there is no place. */
export const without = (found: Capacity, window: Window): Oversold[] =>
  found.oversold.filter(
    (one) =>
      Date.parse(one.window_start) < Date.parse(window.window_end) &&
      Date.parse(one.window_end) > Date.parse(window.window_start),
  );

const HEAD = ["day", "from", "to", "time_zone", "territory", "trade"];

/** A cell of a file: quoted, and never a formula to a spreadsheet. */
const quoted = (text: string): string =>
  `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

/** All that is counted, in minutes, a window a line. */
export function csvOf(found: Capacity, territory: string, trade: string): string {
  const lines = found.windows.map((one) =>
    [
      dayOf(one, found),
      one.start_local,
      one.end_local,
      found.time_zone,
      quoted(territory),
      quoted(trade),
      ...FIGURES.map(({ key }) => one[key]),
    ].join(","),
  );
  const head = [...HEAD, ...FIGURES.map(({ key }) => `${key}_minutes`)].join(",");
  return `${[head, ...lines].join("\r\n")}\r\n`;
}
