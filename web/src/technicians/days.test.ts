import { expect, test } from "vitest";
import { apart, hourOf, mondayOf, plus, today, weekdayOf } from "./days";

test("a week begins on its Monday, whichever day one begins with", () => {
  expect(["2026-11-23", "2026-11-25", "2026-11-29"].map(mondayOf)).toEqual(Array(3).fill("2026-11-23"));
  expect(weekdayOf("2026-11-29")).toBe("sun");
});

test("days are counted over the change of the clocks and the end of a year", () => {
  expect(plus("2026-10-31", 2)).toBe("2026-11-02");
  expect(plus("2026-12-31", 1)).toBe("2027-01-01");
  expect(apart("2026-10-31", "2026-11-02")).toBe(2);
});

test("the day is the one there, not here", () => {
  expect(today("America/Chicago", new Date("2026-11-23T03:00:00Z"))).toBe("2026-11-22");
});

test("work from eight to five stands at eight and five on the days when the clocks change, too", () => {
  const chicago = (moment: string, day: string) => hourOf(moment, day, "America/Chicago");
  expect([
    chicago("2026-11-01T14:00:00Z", "2026-11-01"),
    chicago("2026-11-01T23:00:00Z", "2026-11-01"),
  ]).toEqual([8, 17]);
  expect(chicago("2027-03-14T13:00:00Z", "2027-03-14")).toBe(8);
  expect(chicago("2026-11-02T07:30:00Z", "2026-11-01")).toBe(25.5);
});
