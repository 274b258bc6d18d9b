import { expect, test } from "vitest";
import { day, minutes, span as said, told, spoken as words } from "./windows";

/** As one reads it: the narrow space before AM is a space. */
const plain = (text: string) => text.replaceAll("\u202f", " ");
const span = (...of: Parameters<typeof said>) => plain(said(...of));
const spoken = (...of: Parameters<typeof words>) => plain(words(...of));

const ZONE = "America/Chicago";

test("both ends share what they have in common", () => {
  expect(span("2026-11-24T14:00:00Z", "2026-11-24T16:00:00Z", ZONE)).toBe("8 – 10 AM");
  expect(span("2026-11-24T17:30:00Z", "2026-11-24T19:00:00Z", ZONE)).toBe("11:30 AM – 1 PM");
});

test("a window over midnight says its day, and one from eight to eight both halves", () => {
  expect(span("2026-11-25T04:00:00Z", "2026-11-25T12:00:00Z", ZONE)).toBe("10 PM – Wed, Nov 25, 6 AM");
  expect(span("2026-11-24T14:00:00Z", "2026-11-25T02:00:00Z", ZONE)).toBe("8 AM – 8 PM");
  expect(span("2026-11-24T14:00:00Z", "2026-11-25T14:00:00Z", ZONE)).toBe("8 AM – Wed, Nov 25, 8 AM");
  expect(spoken("2026-11-25T04:00:00Z", "2026-11-25T12:00:00Z", ZONE)).toBe(
    "Tuesday, November 24, between 10 PM and 6 AM on Wednesday, November 25",
  );
});

test("the clock at the site is named where it is not ours", () => {
  const [from, to] = ["2026-12-24T14:00:00Z", "2026-12-24T16:00:00Z"];
  expect(plain(told(from, to, ZONE, ZONE))).toBe("Thu, Dec 24, 8 – 10 AM");
  expect(plain(told(from, to, ZONE, "America/Phoenix"))).toBe("Thu, Dec 24, 8 – 10 AM CST");
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
