import { describe, expect, it } from "vitest";
import { age, nextVisit } from "./ahead";

const visit = (status: string, planned: string | null, promised: string | null = null) => ({
  id: `${status} ${planned}`,
  status: status as "scheduled",
  planned_start: planned,
  planned_end: planned,
  promised_start: promised,
  promised_end: promised,
});

describe("the next visit", () => {
  it("is the first of those that are not over", () => {
    const past = visit("completed", "2026-11-20T08:00:00Z");
    const later = visit("scheduled", "2026-11-25T08:00:00Z");
    const soon = visit("unscheduled", null, "2026-11-24T08:00:00Z");
    expect(nextVisit([past, later, soon])).toBe(soon);
  });

  it("is none while nobody has said when", () => {
    expect(nextVisit([visit("unscheduled", null)])).toBeNull();
  });
});

describe("how old it is", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  it.each([
    ["2026-11-22T09:30:00Z", "2 h"],
    ["2026-11-10T12:00:00Z", "12 d"],
    ["2026-03-22T12:00:00Z", "8 mo"],
    ["2026-11-22T11:20:30Z", "39 min"],
    ["2026-11-22T12:00:05Z", "now"],
  ])("since %s: %s", (since, said) => expect(age(since, now)).toBe(said));
});
