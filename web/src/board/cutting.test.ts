import { expect, test } from "vitest";
import { shortened } from "./cutting";

const six = (text: string) => text.length * 6;

test("what has room stands whole", () => {
  expect(shortened("Ida Berg", 48, six)).toBe("Ida Berg");
});

test("what has none is cut as late as it can be, and says so", () => {
  expect(shortened("Ida Berg", 47, six)).toBe("Ida Be…");
  expect(shortened("Ida Berg", 30, six)).toBe("Ida…");
  expect(shortened("Ida Berg", 12, six)).toBe("I…");
});

test("a letter alone that has no room is left out", () => {
  expect(shortened("Ida Berg", 8, six)).toBe("");
});
