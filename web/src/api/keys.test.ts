import { expect, test } from "vitest";
import { forgetKey, keyFor } from "./keys";

test("what was not answered is sent again under its key, and what was answered is not", () => {
  const known = new Map<string, string>();
  const first = keyFor(known, { amount: 5000 });
  expect(keyFor(known, { amount: 5000 })).toBe(first);
  forgetKey(first);
  const second = keyFor(known, { amount: 5000 });
  expect(second).not.toBe(first);
  expect(keyFor(known, { amount: 5000 })).toBe(second);
});
