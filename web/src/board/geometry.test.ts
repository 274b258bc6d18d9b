import { describe, expect, it } from "vitest";
import { HOUR, hoursOf, MINUTE, packed, snapped, spanAt, timeAt, xOf } from "./geometry";

const axis = { start: 1_000 * HOUR, end: 1_024 * HOUR, hour: 88 };

describe("times and pixels", () => {
  it("go there and back", () => {
    for (const minutes of [0, 1, 15, 719, 1440]) {
      const at = axis.start + minutes * MINUTE;
      expect(timeAt(axis, xOf(axis, at))).toBeCloseTo(at, 3);
    }
  });
  it("snap to quarters of an hour, or finer", () => {
    expect(snapped(axis.start + 22 * MINUTE)).toBe(axis.start + 15 * MINUTE);
    expect(snapped(axis.start + 22 * MINUTE, 5 * MINUTE)).toBe(axis.start + 20 * MINUTE);
  });
  it("know days of 23 and 25 hours", () => {
    expect(hoursOf({ ...axis, end: axis.start + 23 * HOUR })).toHaveLength(23);
    expect(hoursOf({ ...axis, end: axis.start + 25 * HOUR })).toHaveLength(25);
  });
});

describe("lanes", () => {
  it("are found by their height", () => {
    const starts = [0, 44, 88, 172];
    expect([-5, 0, 43, 44, 171, 172, 9000].map((y) => spanAt(starts, y))).toEqual([0, 0, 0, 1, 2, 3, 3]);
  });
  it("put what overlaps into tracks of its own", () => {
    const items = [
      { id: "a", start: 0, end: 10 },
      { id: "b", start: 5, end: 15 },
      { id: "c", start: 10, end: 20 },
    ];
    const { items: found, tracks } = packed(items);
    expect(found.map((one) => [one.id, one.track])).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 0],
    ]);
    expect(tracks).toBe(2);
  });
});
