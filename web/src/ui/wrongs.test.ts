import { expect, test } from "vitest";
import { hiddenIn, isShown, messageAt, messagesIn } from "./wrongs";

const wrong = {
  name: { type: "custom", message: "Type a name.", ref: { name: "name", form: { message: "no" } } },
  working_hours: { mon: [undefined, [undefined, { type: "custom", message: "Say until when." }]] },
  gate: { 0: { at_least: { type: "custom", message: "Type how many." } }, root: { message: "" } },
};

test("a fault is found however far below its field it lies", () => {
  expect(messagesIn(wrong)).toEqual([
    { path: "name", message: "Type a name." },
    { path: "working_hours.mon.1.1", message: "Say until when." },
    { path: "gate.0.at_least", message: "Type how many." },
  ]);
  expect(messageAt(wrong.working_hours, "working_hours", new Set())).toBe("Say until when.");
  expect(messageAt(wrong.gate, "gate", new Set(["gate", "gate.0.at_least"]))).toBeUndefined();
});

test("what no field shows is said, and what one shows is not said twice", () => {
  const shown = new Set(["name", "working_hours", "gate.0.need"]);
  expect(isShown("working_hours.mon.1.1", shown)).toBe(true);
  expect(hiddenIn(messagesIn(wrong), shown)).toBe("At least: Type how many.");
  expect(hiddenIn(messagesIn(wrong), new Set([...shown, "gate.0.at_least"]))).toBeNull();
});
