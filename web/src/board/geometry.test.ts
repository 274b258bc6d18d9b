import { describe, expect, it } from "vitest";
import { wallOf } from "@/ui/wall";
import { minuteAt } from "./clock";
import { HOUR, hoursOf, MINUTE, packed, snapped, spanAt, timeAt, uncovered, xOf } from "./geometry";

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
    expect(hoursOf({ ...axis, end: axis.start + 23 * HOUR }, () => 0)).toHaveLength(23);
    expect(hoursOf({ ...axis, end: axis.start + 25 * HOUR }, () => 0)).toHaveLength(25);
  });
  it("name whole hours of the clock in zones of half and quarter hours", () => {
    for (const [zone, start, hours] of [
      ["Asia/Kolkata", "2026-11-22T18:30:00Z", 24],
      ["Asia/Kathmandu", "2026-11-22T18:15:00Z", 24],
      ["America/St_Johns", "2026-11-23T03:30:00Z", 24],
      ["Australia/Adelaide", "2026-10-03T14:30:00Z", 23],
      ["America/Chicago", "2026-11-01T05:00:00Z", 25],
    ] as const) {
      const begins = Date.parse(start);
      const day = { start: begins, end: begins + hours * HOUR, hour: 88 };
      const found = hoursOf(day, (at) => minuteAt(at, zone));
      expect(found[0]).toBe(begins);
      expect(found).toHaveLength(hours);
    }
  });
  it("name them from the first on, where the axis begins in between", () => {
    const start = Date.parse("2026-11-23T05:00:00Z");
    const found = hoursOf({ start, end: start + 4 * HOUR, hour: 88 }, (at) => minuteAt(at, "Asia/Kolkata"));
    expect(found).toEqual([0, 1, 2, 3].map((n) => start + HOUR / 2 + n * HOUR));
    expect(found.map((at) => wallOf(at, "Asia/Kolkata").slice(11))).toEqual([
      "11:00",
      "12:00",
      "13:00",
      "14:00",
    ]);
  });
  it("name them after a clock that was put on by half an hour", () => {
    const zone = "Australia/Lord_Howe";
    const start = Date.parse("2026-10-03T13:30:00Z");
    const found = hoursOf({ start, end: start + 23.5 * HOUR, hour: 88 }, (at) => minuteAt(at, zone));
    expect(found.map((at) => minuteAt(at, zone)).every((minute) => minute === 0)).toBe(true);
    expect(found.slice(0, 4).map((at) => wallOf(at, zone).slice(11))).toEqual([
      "00:00",
      "01:00",
      "03:00",
      "04:00",
    ]);
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

describe("what is seen of a drive", () => {
  it("is what neither the visit before it covers nor the one after", () => {
    expect(uncovered(10, 50, [])).toEqual([10, 50]);
    expect(
      uncovered(10, 50, [
        { start: 0, end: 30 },
        { start: 45, end: 90 },
      ]),
    ).toEqual([30, 45]);
    expect(
      uncovered(10, 50, [
        { start: 0, end: 20 },
        { start: 5, end: 12 },
        { start: 25, end: 30 },
      ]),
    ).toEqual([30, 50]);
  });
  it("is nothing where it lies beneath one altogether", () => {
    expect(uncovered(10, 50, [{ start: 10, end: 50 }])).toEqual([10, 10]);
    expect(uncovered(10, 50, [{ start: 60, end: 70 }])).toEqual([10, 50]);
  });
});
