import { expect, test } from "vitest";
import { factsOf } from "./facts";
import type { Cell } from "./picture";

const CHICAGO = "America/Chicago";
const cell = {
  planned_start: "2026-11-23T16:00:00Z",
  planned_end: "2026-11-23T17:30:00Z",
  promised_start: "2026-11-23T16:00:00Z",
  promised_end: "2026-11-23T18:00:00Z",
  time_zone: "America/Phoenix",
  duration_minutes: 90,
  city: "Tempe",
  street: "1200 West Washington Street",
  number: "WO-7",
  job_type: "Tune-up",
  phone: null,
} as Cell;

test("facts stand in the order in which they were chosen, as far as there is room for each", () => {
  expect(factsOf(cell, ["time", "city"], 200, CHICAGO)).toEqual(["10:00–11:30", "Tempe"]);
  expect(factsOf(cell, ["city", "time"], 110, CHICAGO)).toEqual(["Tempe", "10:00"]);
  expect(factsOf(cell, ["street", "number"], 100, CHICAGO)).toEqual(["WO-7"]);
  expect(factsOf(cell, ["time"], 40, CHICAGO)).toEqual([]);
  expect(factsOf(cell, ["phone", "duration"], 200, CHICAGO)).toEqual(["1 h 30"]);
  expect(factsOf(cell, [], 200, CHICAGO)).toEqual([]);
});

test("what was promised is told by the clock of those who were told it", () => {
  expect(factsOf(cell, ["promised"], 200, CHICAGO)).toEqual(["⌂ 9:00–11:00 MST"]);
  expect(factsOf({ ...cell, time_zone: CHICAGO }, ["promised"], 200, CHICAGO)).toEqual(["⌂ 10:00–12:00"]);
});
