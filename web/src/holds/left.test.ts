import { describe, expect, it } from "vitest";
import { minutesLeft } from "./left";

describe("what is left of a hold", () => {
  const over = "2026-11-23T16:15:00Z";
  const at = (time: string) => Date.parse(`2026-11-23T${time}Z`);

  it("counts the minute that runs, and ends at nothing", () => {
    expect(minutesLeft(over, at("16:00:00"))).toBe(15);
    expect(minutesLeft(over, at("16:00:01"))).toBe(15);
    expect(minutesLeft(over, at("16:14:30"))).toBe(1);
    expect(minutesLeft(over, at("16:15:00"))).toBe(0);
    expect(minutesLeft(over, at("17:00:00"))).toBe(0);
  });
});
