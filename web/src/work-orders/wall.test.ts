import { describe, expect, it } from "vitest";
import { instantOf, wallOf } from "./wall";

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

  it("that leaves an hour out means the one after", () => {
    expect(wallOf(instantOf("2026-03-08T02:30", CHICAGO), CHICAGO)).toBe("2026-03-08T03:30");
  });
});
