import { expect, test } from "vitest";
import { type Capacity, csvOf, stateOf, tableOf, type Window, without } from "./figures";

const window = (start: string, hours: [string, string], of: Partial<Window> = {}): Window => ({
  window_start: start,
  window_end: new Date(Date.parse(start) + 2 * 3_600_000).toISOString(),
  start_local: hours[0],
  end_local: hours[1],
  available: 240,
  sold: 60,
  held: 30,
  shadows: 0,
  reserved: 24,
  remaining: 126,
  share: 37,
  ...of,
});

const EIGHT: [string, string] = ["08:00", "10:00"];
const found: Capacity = {
  time_zone: "America/Chicago",
  windows: [
    window("2026-11-23T20:00:00Z", ["14:00", "16:00"]),
    window("2026-11-23T14:00:00Z", EIGHT),
    window("2026-11-24T14:00:00Z", EIGHT, { remaining: 0 }),
  ],
  left_out: [],
  oversold: [
    {
      visit_id: "v",
      work_order: "WO-7",
      window_start: "2026-11-24T14:00:00Z",
      window_end: "2026-11-24T16:00:00Z",
    },
  ],
};

test("days stand below each other and windows side by side, on the organisation's clock", () => {
  const { columns, rows } = tableOf(found, "2026-11-23");
  expect(columns.map((one) => one.key)).toEqual(["08:00–10:00", "14:00–16:00"]);
  expect(rows).toHaveLength(14);
  expect([...(rows[0]?.windows.keys() ?? [])].sort()).toEqual(["08:00–10:00", "14:00–16:00"]);
  expect([...(rows[1]?.windows.keys() ?? [])]).toEqual(["08:00–10:00"]);
  expect(rows[13]).toEqual({ day: "2026-12-06", windows: new Map() });
});

test("a window is full, short, open, nobody's, or past", () => {
  const state = (of: Partial<Window>) =>
    stateOf(window("2026-11-23T14:00:00Z", EIGHT, of), Date.parse("2026-11-23T09:00:00Z"));
  expect(state({})).toBe("open");
  expect(state({ remaining: 60 })).toBe("short");
  expect(state({ remaining: 0 })).toBe("full");
  expect(state({ available: 0, remaining: 0 })).toBe("nobody");
  expect(state({ window_end: "2026-11-23T09:00:00Z" })).toBe("past");
});

test("promised visits without a place stand in the window they were promised for", () => {
  const [afternoon, monday, tuesday] = found.windows as [Window, Window, Window];
  expect(without(found, tuesday).map((one) => one.work_order)).toEqual(["WO-7"]);
  expect([...without(found, monday), ...without(found, afternoon)]).toEqual([]);
});

test("the file has a line a window, in minutes, and no name in it is a formula", () => {
  const [head, first, , , end] = csvOf(found, "=North", 'heating "and" air').split("\r\n");
  expect(head).toBe(
    "day,from,to,time_zone,territory,trade,remaining_minutes,available_minutes,sold_minutes," +
      "shadows_minutes,held_minutes,reserved_minutes",
  );
  expect(first).toBe(
    '2026-11-23,14:00,16:00,America/Chicago,"\'=North","heating ""and"" air",126,240,60,0,30,24',
  );
  expect(end).toBe("");
});
