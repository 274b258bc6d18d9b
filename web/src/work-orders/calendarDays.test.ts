import { expect, test } from "vitest";
import { mondayOf, pageOfMonth, plusMonths, stepped } from "./calendarDays";

test("a month's page has whole weeks from Monday on", () => {
  expect(pageOfMonth("2026-11-23")).toEqual({ first: "2026-10-26", days: 42 });
  expect(pageOfMonth("2027-02-10")).toEqual({ first: "2027-02-01", days: 28 });
  expect(mondayOf("2026-11-22")).toBe("2026-11-16");
});

test("a month on from its last day is the last day of the next", () => {
  expect(plusMonths("2027-01-31", 1)).toBe("2027-02-28");
  expect(plusMonths("2026-03-31", -1)).toBe("2026-02-28");
  expect(plusMonths("2026-12-15", 1)).toBe("2027-01-15");
});

test("arrows go from day to day, over the ends of months", () => {
  expect(stepped("2026-11-30", "ArrowRight", "month")).toBe("2026-12-01");
  expect(stepped("2026-11-03", "ArrowUp", "month")).toBe("2026-10-27");
  expect(stepped("2026-11-25", "Home", "week")).toBe("2026-11-23");
  expect(stepped("2026-11-25", "PageDown", "week")).toBe("2026-12-02");
  expect(stepped("2026-11-25", "a", "month")).toBeNull();
});
