import { describe, expect, it } from "vitest";
import { dateIn, instantOf, named, wallOf } from "./wall";

const CHICAGO = "America/Chicago";

describe("a clock on the wall", () => {
  it.each([
    ["2026-11-23T08:00", "2026-11-23T14:00:00.000Z"],
    ["2026-07-01T00:30", "2026-07-01T05:30:00.000Z"],
    ["2026-11-01T01:30", "2026-11-01T06:30:00.000Z"], // comes twice
    ["2026-11-01T02:30", "2026-11-01T08:30:00.000Z"],
    ["2026-03-08T03:30", "2026-03-08T08:30:00.000Z"],
  ])("%s is %s", (wall, at) => {
    expect(instantOf(wall, CHICAGO)).toBe(at);
    expect(wallOf(at, CHICAGO)).toBe(wall);
  });

  it("shows an hour twice, and the first is meant, on both sides of Greenwich", () => {
    expect(instantOf("2026-10-25T02:30", "Europe/Berlin")).toBe("2026-10-25T00:30:00.000Z");
    expect(wallOf(instantOf("2026-03-29T02:30", "Europe/Berlin"), "Europe/Berlin")).toBe("2026-03-29T03:30");
    expect(wallOf(instantOf("2026-11-23T10:05", "Asia/Kathmandu"), "Asia/Kathmandu")).toBe(
      "2026-11-23T10:05",
    );
  });

  it("is of a day, and is named where another shows another time", () => {
    const late = Date.parse("2026-11-24T04:30:00Z");
    expect([dateIn(late, CHICAGO), dateIn(late, "UTC")]).toEqual(["2026-11-23", "2026-11-24"]);
    expect(named(late, "America/Phoenix", CHICAGO)).toBe(" MST");
    expect(named(late, "America/Winnipeg", CHICAGO)).toBe("");
  });

  it("that leaves an hour out means the one after", () => {
    expect(wallOf(instantOf("2026-03-08T02:30", CHICAGO), CHICAGO)).toBe("2026-03-08T03:30");
  });
});
