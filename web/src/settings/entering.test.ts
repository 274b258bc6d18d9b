import { expect, test } from "vitest";
import { lasting, percent, share, short, whole } from "./entering";

test("prices are as short as they are, and never a float", () => {
  expect(["12.5000", "12.0000", "0.1250", "1234567890.1234", null].map(short)).toEqual([
    "12.50",
    "12",
    "0.125",
    "1234567890.1234",
    "",
  ]);
});

test("a share is typed as percent and comes back as it was", () => {
  for (const [kept, typed] of [
    ["0.082500", "8.25"],
    ["0.000000", "0"],
    ["1.000000", "100"],
    ["0.100000", "10"],
    ["0.000100", "0.01"],
    ["0.085000", "8.5"],
  ] as const) {
    expect(percent(kept)).toBe(typed);
    expect(Number(share(typed))).toBe(Number(kept));
  }
  expect(share("100")).toBe("1.00");
});

test("a number is whole and within its bounds", () => {
  const minutes = whole(5, 600, "no");
  expect(minutes.parse(" 90 ")).toBe(90);
  for (const typed of ["4", "601", "1.5", "", "-5", "1e2"]) {
    expect(minutes.safeParse(typed).success).toBe(false);
  }
});

test("minutes are said as hours", () => {
  expect([90, 60, 45, 0].map(lasting)).toEqual(["1 h 30 min", "1 h", "45 min", "0 min"]);
});
