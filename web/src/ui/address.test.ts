import { expect, it } from "vitest";
import { dayFrom, idFrom, momentFrom } from "./address";

it("holds a day that there is, or none", () => {
  const said = ["2026-02-28", "2026-02-30", "x", "", null, "2026-2-3", "0001-01-01", "9999-12-31"];
  expect(said.map(dayFrom)).toEqual(["2026-02-28", null, null, null, null, null, null, null]);
});

it("holds a moment of a clock that is named, or none", () => {
  const said = [
    "2026-11-23T16:00:00.123456Z",
    "2026-11-23T16:00:00-06:00",
    "2026-11-23T16:00:00",
    "2026",
    "y",
  ];
  expect(said.map(momentFrom)).toEqual([said[0], said[1], null, null, null]);
});

it("holds an id, or none", () => {
  const id = "01923b5e-7c7f-7000-8000-0123456789ab";
  expect([id, "not-an-id", `${id}0`, "", null].map(idFrom)).toEqual([id, null, null, null, null]);
});
