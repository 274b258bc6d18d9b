import { expect, test } from "vitest";
import { major, minor } from "./amounts";

test("what is typed is read to the cent", () => {
  expect(["125", "125.5", "1,234.56", " 0.07 "].map((one) => minor(one, "USD"))).toEqual([
    12500, 12550, 123456, 7,
  ]);
  expect(minor("1250", "JPY")).toBe(1250);
});

test("what is no amount is refused", () => {
  for (const typed of ["", "12.345", "1,23", "12 dollars", "-5", "1e3"]) {
    expect(() => minor(typed, "USD")).toThrow("such as 125.50");
  }
});

test("written and read again it is the same", () => {
  for (const amount of [0, 7, 99, 100, 123456]) expect(minor(major(amount, "USD"), "USD")).toBe(amount);
});
