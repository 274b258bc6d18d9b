/** A draft's form: what stands in it, what it may hold, and what is sent. Numbers stay the text that was
 * typed; what it comes to is worked out by the server alone. */

import { z } from "zod";
import type { Schemas } from "@/api/client";
import { major, minor } from "./amounts";

type Invoice = Schemas["InvoiceOut"];

const number = (whole: number, places: number, what: string) =>
  z
    .string()
    .trim()
    .regex(new RegExp(`^\\d{1,${whole}}(\\.\\d{1,${places}})?$`), `Type ${what}.`);

const Line = z.object({
  description: z.string().trim().min(1, "Say what it is.").max(200),
  detail: z.string().trim().max(10_000),
  quantity: number(9, 3, "a quantity such as 1.5"),
  unit: z.string().trim().min(1, "Say of what: each, h, ft.").max(40),
  unit_price: number(12, 6, "a price such as 189.00"),
  taxable: z.boolean(),
});

export const formOf = (currency: string) =>
  z
    .object({
      lines: z.array(Line),
      discount_kind: z.enum(["none", "amount", "percent"]),
      discount: z.string().trim(),
      discount_label: z.string().trim().max(200),
      payment_terms_days: z
        .string()
        .trim()
        .regex(/^\d{1,3}$/, "Type a number of days."),
      notes: z.string().trim().max(10_000),
    })
    .superRefine((all, wrong) => {
      const at = (message: string) => wrong.addIssue({ code: "custom", path: ["discount"], message });
      if (all.discount_kind === "amount") {
        try {
          minor(all.discount, currency);
        } catch (error) {
          at((error as Error).message);
        }
      } else if (all.discount_kind === "percent" && !/^\d{1,3}(\.\d{1,4})?$/.test(all.discount)) {
        at("Type a percentage such as 10.");
      }
    });
export type Filled = z.output<ReturnType<typeof formOf>>;

/** Zeros behind the point that say nothing: "1.000" is "1", and "189.0000" is "189.00". */
export function plain(exact: string, places = 0): string {
  const [whole = "0", fraction = ""] = exact.split(".");
  const kept = fraction.replace(/0+$/, "").padEnd(places, "0");
  return kept ? `${whole}.${kept}` : whole;
}

export const NEW_LINE = {
  description: "",
  detail: "",
  quantity: "1",
  unit: "each",
  unit_price: "",
  taxable: true,
};

export const filledBy = (invoice: Invoice): Filled => ({
  lines: invoice.lines.map((one) => ({
    description: one.description,
    detail: one.detail ?? "",
    quantity: plain(one.quantity),
    unit: one.unit,
    unit_price: plain(one.unit_price, 2),
    taxable: one.taxable,
  })),
  discount_kind: invoice.discount_percent !== null ? "percent" : invoice.discount > 0 ? "amount" : "none",
  discount:
    invoice.discount_percent !== null
      ? plain(invoice.discount_percent)
      : invoice.discount > 0
        ? major(invoice.discount, invoice.currency)
        : "",
  discount_label: invoice.discount_label ?? "",
  payment_terms_days: String(invoice.payment_terms_days),
  notes: invoice.notes ?? "",
});

/** Of what was touched, what the API is told. */
export function patchOf(all: Filled, touched: readonly string[], currency: string): Schemas["InvoicePatch"] {
  const patch: Schemas["InvoicePatch"] = {};
  if (touched.includes("lines")) {
    patch.lines = all.lines.map((one) => ({ ...one, detail: one.detail || null }));
  }
  if (touched.includes("discount") || touched.includes("discount_kind")) {
    if (all.discount_kind === "percent") patch.discount_percent = all.discount;
    else patch.discount = all.discount_kind === "amount" ? minor(all.discount, currency) : 0;
  }
  if (touched.includes("discount_label")) patch.discount_label = all.discount_label || null;
  if (touched.includes("payment_terms_days")) patch.payment_terms_days = Number(all.payment_terms_days);
  if (touched.includes("notes")) patch.notes = all.notes || null;
  return patch;
}
