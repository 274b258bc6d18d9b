import { expect, test } from "vitest";
import { isMade, isRefused, keyOf, trayRead, useMaking } from "./making";

test("a work order keeps its key until the tray was read after its visit was made, or it was refused", () => {
  const key = keyOf("a");
  keyOf("b");
  expect(keyOf("a")).toBe(key);
  isMade("a", 5_000);
  trayRead(4_000);
  trayRead(6_000);
  expect(Object.keys(useMaking.getState())).toEqual(["a", "b"]);
  trayRead(8_000);
  expect(Object.keys(useMaking.getState())).toEqual(["b"]);
  expect(keyOf("a")).not.toBe(key);
  isRefused("b");
  expect(Object.keys(useMaking.getState())).toEqual(["a"]);
});
