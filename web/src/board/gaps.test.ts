import { expect, it, vi } from "vitest";
import type { Consequence, Drop } from "./consequence";
import type { Cell, Picture } from "./picture";

vi.mock("./keeper", () => ({ keeper: () => null }));
const { firstGap } = await import("./gaps");

const DAY = "2026-11-23";
const moment = (time: string) => `${DAY}T${time}:00Z`;
const NOTHING: Consequence = { refusal: null, warnings: [], stops: [], lanes: [], moves: [], unseen: [] };

const lane = (id: string, from: string, until: string) => [
  id,
  { id, days: [{ date: DAY, pieces: [{ kind: "work", start: moment(from), end: moment(until) }] }] },
];
const picture = (now: string) =>
  ({
    now: Date.parse(moment(now)),
    lanes: Object.fromEntries([lane("ana", "08:00", "12:00"), lane("ben", "09:00", "12:00")]),
  }) as unknown as Picture;

/** Ana is taken until ten, Ben free all day. */
const over = ({ technician_ids: [id], start }: Drop): Consequence => {
  if (id === "ana" && Date.parse(start) < Date.parse(moment("10:00")))
    return { ...NOTHING, refusal: { code: "double_booking" } };
  return { ...NOTHING, stops: [{ arrive: start, late: false }] as Consequence["stops"] };
};
const cell = (promised: string | null) =>
  ({ id: "v", promised_start: promised, promised_end: promised && moment("11:00") }) as Cell;
const found = (now: string, lanes: string[], promised: string | null = null) => {
  const gap = firstGap(picture(now), { over }, cell(promised), lanes);
  return gap && [gap.lane, new Date(gap.start).toISOString().slice(11, 16)];
};

it("is the first in which nothing is in the way", () => {
  expect(found("07:00", ["ana"])).toEqual(["ana", "10:00"]);
  expect(found("10:20", ["ana"])).toEqual(["ana", "10:30"]);
  expect(found("12:00", ["ana"])).toBeNull();
});

it("is the soonest that anybody has", () => {
  expect(found("07:00", ["ana", "ben"])).toEqual(["ben", "09:00"]);
  expect(found("07:00", ["ben", "ana"])).toEqual(["ben", "09:00"]);
});

it("lies in what was promised", () => {
  expect(found("07:00", ["ben"], moment("10:30"))).toEqual(["ben", "10:30"]);
});
