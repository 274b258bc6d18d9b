import { describe, expect, it } from "vitest";
import { instantOf, length, mondayOf, plusDays, wallOf } from "./clock";

describe("clocks", () => {
  it("go from the wall to the instant and back, over the change of the clocks too", () => {
    for (const wall of ["2026-03-08T01:30", "2026-03-08T03:30", "2026-11-01T00:59", "2026-11-23T10:05"]) {
      expect(wallOf(Date.parse(instantOf(wall, "America/Chicago")), "America/Chicago")).toBe(wall);
    }
    expect(instantOf("2026-11-23T10:05", "America/Chicago")).toBe("2026-11-23T16:05:00.000Z");
  });
  it("know days and weeks", () => {
    expect([plusDays("2026-02-28", 1), mondayOf("2026-11-22"), mondayOf("2026-11-23")]).toEqual([
      "2026-03-01",
      "2026-11-16",
      "2026-11-23",
    ]);
  });
  it("say lengths", () => {
    expect([length(45), length(80), length(-65), length(60)]).toEqual(["45 min", "1 h 20", "−1 h 05", "1 h"]);
  });
});
