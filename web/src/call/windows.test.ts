import { expect, test } from "vitest";
import { day, minutes, span, spoken } from "./windows";

const ZONE = "America/Chicago";

test("both ends share what they have in common", () => {
  expect(span("2026-11-24T14:00:00Z", "2026-11-24T16:00:00Z", ZONE)).toBe("8 – 10 AM");
  expect(span("2026-11-24T17:30:00Z", "2026-11-24T19:00:00Z", ZONE)).toBe("11:30 AM – 1 PM");
});

test("a day is today by the clock of the site, not of whoever looks", () => {
  const now = new Date("2026-11-24T04:30:00Z"); // still the 23rd in Chicago
  expect(day("2026-11-24T03:00:00Z", ZONE, now)).toBe("Today");
  expect(day("2026-11-24T15:00:00Z", ZONE, now)).toBe("Tomorrow");
  expect(day("2026-11-26T15:00:00Z", ZONE, now)).toBe("Thu, Nov 26");
});

test("over the end of a month, and over a change of clocks", () => {
  expect(day("2026-12-01T15:00:00Z", ZONE, new Date("2026-11-30T15:00:00Z"))).toBe("Tomorrow");
  expect(day("2026-11-01T15:00:00Z", ZONE, new Date("2026-10-31T15:00:00Z"))).toBe("Tomorrow");
});

test("what is said on the phone, and lengths", () => {
  expect(spoken("2026-11-24T14:00:00Z", "2026-11-24T16:00:00Z", ZONE)).toBe(
    "Tuesday, November 24, between 8 AM and 10 AM",
  );
  expect([minutes(45), minutes(60), minutes(95)]).toEqual(["45 min", "1 h", "1 h 35"]);
});
