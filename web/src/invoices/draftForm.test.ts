import { expect, test } from "vitest";
import { type Filled, formOf, patchOf, plain } from "./draftForm";

const filled: Filled = {
  lines: [
    { description: "Pumping", detail: "", quantity: "1.5", unit: "h", unit_price: "189.125", taxable: true },
  ],
  discount_kind: "amount",
  discount: "12.50",
  discount_label: "",
  payment_terms_days: "30",
  notes: "",
};

test("only what was touched is sent, and numbers as they were typed", () => {
  expect(patchOf(filled, ["lines", "discount"], "USD")).toEqual({
    lines: [{ ...filled.lines[0], detail: null }],
    discount: 1250,
  });
  expect(patchOf({ ...filled, discount_kind: "percent", discount: "7.5" }, ["discount_kind"], "USD")).toEqual(
    { discount_percent: "7.5" },
  );
  expect(patchOf({ ...filled, discount_kind: "none" }, ["discount_kind"], "USD")).toEqual({ discount: 0 });
});

test("what is no number is said at its field", () => {
  const wrong = formOf("USD").safeParse({
    ...filled,
    discount: "12.505",
    lines: [{ ...filled.lines[0], quantity: "one" }],
  });
  expect(wrong.error?.issues.map((one) => one.path.join("."))).toEqual(["lines.0.quantity", "discount"]);
});

test("zeros that say nothing are not shown", () => {
  expect(["1.000", "1.500", "189.0000", "0.1250"].map((one) => plain(one))).toEqual([
    "1",
    "1.5",
    "189",
    "0.125",
  ]);
  expect(plain("189.0000", 2)).toBe("189.00");
});
