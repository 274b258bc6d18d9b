import { expect, test } from "vitest";
import { shown, written } from "./keys";

const press = (
  key: string,
  held: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {},
) => written({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("a press is written as it is bound", () => {
  expect(press("j")).toBe("j");
  expect(press("J")).toBe("j"); // caps lock
  expect(press("J", { shiftKey: true })).toBe("Shift+J");
  expect(press("?", { shiftKey: true })).toBe("?");
  expect(press("k", { ctrlKey: true })).toBe("mod+k");
  expect(press("ArrowLeft", { altKey: true, shiftKey: true })).toBe("Alt+Shift+ArrowLeft");
});

test("keys are shown as they stand on a keyboard", () => {
  expect(shown("mod+k")).toBe("Ctrl K");
  expect(shown("g c")).toBe("g then c");
  expect(shown("Shift+J")).toBe("⇧ J");
  expect(shown("Escape")).toBe("Esc");
  expect(shown("/")).toBe("/");
});
