/** How the company bills: numbers, terms, tax and what stands at the foot of an invoice. */

import { z } from "zod";
import { Field } from "@/ui/Field";
import { Pane } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Textarea } from "@/ui/Textarea";
import { needed, percent, share, whole, words } from "../entering";
import type { Edited } from "../SettingsList";
import { type Organisation, OrganisationPart, type Patch } from "./organisation";

const prefix = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9 ./_-]{0,20}$/, "Letters, digits, spaces and . / _ - only, 20 at most.");

const Entered = z.object({
  payment_terms_days: whole(0, 365, "Type days from 0 to 365."),
  tax_label: needed("Type what the tax is called, such as Sales tax."),
  tax_rate: z
    .string()
    .trim()
    .regex(/^\d{1,3}(\.\d{1,4})?$/, "Type percent, such as 8.25.")
    .transform(share),
  tax_number: words,
  rounding: z.enum(["half_up", "half_even"]),
  round_tax_on: z.enum(["line", "document"]),
  invoice_footer: z.string().trim(),
  payment_instructions: z.string().trim(),
  work_orders: prefix,
  invoices: prefix,
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const typed = (of: Organisation): Typed => ({
  payment_terms_days: of.payment_terms_days.toString(),
  tax_label: of.tax_label,
  tax_rate: percent(of.tax_rate),
  tax_number: of.tax_number ?? "",
  rounding: of.rounding,
  round_tax_on: of.round_tax_on,
  invoice_footer: of.invoice_footer,
  payment_instructions: of.payment_instructions,
  work_orders: of.numbering.work_order.prefix,
  invoices: of.numbering.invoice.prefix,
});

function patch({ work_orders, invoices, ...rest }: Partial<Entered>): Patch {
  const numbering = {
    ...(work_orders === undefined ? {} : { work_order: { prefix: work_orders } }),
    ...(invoices === undefined ? {} : { invoice: { prefix: invoices } }),
  };
  return Object.keys(numbering).length > 0 ? { ...rest, numbering } : rest;
}

export default function Invoicing() {
  return (
    <OrganisationPart
      title="Invoices and numbers"
      about="What counts from now on: issued invoices keep what they were issued with."
      schema={Entered}
      typed={typed}
      patch={patch}
      fields={(editing, of) => <Fields editing={editing} of={of} />}
    />
  );
}

function Fields({ editing: { bind, form }, of }: { editing: Edited<Typed, Entered>; of: Organisation }) {
  const [work, invoice] = form.watch(["work_orders", "invoices"]);
  return (
    <>
      <Pane title="Terms and tax">
        <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
          <Field label="Due after (days)" inputMode="numeric" {...bind("payment_terms_days")} />
          <Field label="Tax is called" {...bind("tax_label")} />
          <Field label="Tax (percent)" inputMode="decimal" {...bind("tax_rate")} />
          <Field label="Tax number (optional)" {...bind("tax_number")} />
          <Select
            label="Tax is rounded"
            choices={[
              { value: "document", text: "Once, of the whole invoice" },
              { value: "line", text: "On each line" },
            ]}
            {...bind("round_tax_on")}
          />
          <Select
            label="Half a cent is rounded"
            choices={[
              { value: "half_up", text: "Up" },
              { value: "half_even", text: "To the even cent" },
            ]}
            {...bind("rounding")}
          />
        </div>
      </Pane>
      <Pane title="Numbers">
        <p className="mb-3 text-muted">What stands before the number; numbers go on counting.</p>
        <div className="grid grid-cols-2 gap-3">
          <Field
            label="Work orders"
            autoComplete="off"
            hint={`The next one: ${work}${of.numbering.work_order.next}`}
            {...bind("work_orders")}
          />
          <Field
            label="Invoices"
            autoComplete="off"
            hint={`The next one: ${invoice}${of.numbering.invoice.next}`}
            {...bind("invoices")}
          />
        </div>
      </Pane>
      <Pane title="On every invoice">
        <div className="flex flex-col gap-3">
          <Textarea
            label="How to pay"
            hint="Account, address for checks, what to write on them."
            {...bind("payment_instructions")}
          />
          <Textarea label="At the foot" hint="Thanks, licence numbers, terms." {...bind("invoice_footer")} />
        </div>
      </Pane>
    </>
  );
}
