/** A draft's lines, discount and words, beside the draft. What it comes to is said by the server when it is
 * saved. */

import { Plus, Trash2 } from "lucide-react";
import { useRef } from "react";
import { useFieldArray } from "react-hook-form";
import { api, ask, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { EditingLayer } from "@/ui/EditingLayer";
import { Field } from "@/ui/Field";
import { money } from "@/ui/Money";
import { Select } from "@/ui/Select";
import { Textarea } from "@/ui/Textarea";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { filledBy, formOf, NEW_LINE, patchOf } from "./draftForm";

type Invoice = Schemas["InvoiceOut"];

const DISCOUNTS = [
  { value: "none", text: "None" },
  { value: "amount", text: "Amount" },
  { value: "percent", text: "Percent" },
];

export function EditDraft({ invoice, onClose }: { invoice: Invoice; onClose: () => void }) {
  // the one that the form was filled from: others may change theirs while it is open
  const from = useRef(invoice);
  const { currency } = invoice;
  const editing = useEditing({
    schema: formOf(currency),
    values: filledBy(invoice),
    send: async (all, changed) => {
      const body = patchOf(all, Object.keys(changed), currency);
      if (Object.keys(body).length > 0) {
        const { id, version } = from.current;
        const params = { path: { id }, header: seen(version) };
        const now = await ask(api.PATCH("/api/v2/invoices/{id}", { params, body }));
        queries.setQueryData(["invoices", id], now);
        await Promise.all(
          ["invoices", "stories"].map((what) => queries.invalidateQueries({ queryKey: [what] })),
        );
        toast({ text: `Saved. The draft comes to ${money(now.total, currency)}.` });
      }
      onClose();
    },
    reread: (current) => {
      from.current = current as Invoice;
      return filledBy(from.current);
    },
    together: ["discount_kind", "discount"],
  });
  const { bind, form } = editing;
  const lines = useFieldArray({ control: form.control, name: "lines" });
  const discounted = form.watch("discount_kind");
  return (
    <EditingLayer
      beside
      wide
      editing={editing}
      onClose={onClose}
      title="Edit the draft"
      about={`Prices in ${currency}. Tax is worked out when it is saved.`}
      verb="Save"
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 font-medium">Lines</legend>
        {lines.fields.map((line, place) => {
          const at = `lines.${place}` as const;
          const nth = `of line ${place + 1}`;
          return (
            <div
              key={line.id}
              className="grid grid-cols-[minmax(0,1fr)_5.5rem_5rem_7rem_auto_auto] items-start gap-2 border-line border-b pb-2 max-sm:grid-cols-2"
            >
              <div className="flex flex-col gap-1 max-sm:col-span-2">
                <Field quiet label={`What, ${nth}`} placeholder="What" {...bind(`${at}.description`)} />
                <Field
                  quiet
                  label={`Detail ${nth}`}
                  placeholder="Detail (optional)"
                  {...bind(`${at}.detail`)}
                />
              </div>
              <Field quiet label={`Quantity ${nth}`} inputMode="decimal" {...bind(`${at}.quantity`)} />
              <Field quiet label={`Unit ${nth}`} {...bind(`${at}.unit`)} />
              <Field
                quiet
                label={`Price ${nth}`}
                placeholder="Price"
                inputMode="decimal"
                {...bind(`${at}.unit_price`)}
              />
              <div className="flex min-h-control items-center">
                <Checkbox label="Taxed" {...form.register(`${at}.taxable`)} />
              </div>
              <Button
                look="plain"
                aria-label={`Remove line ${place + 1}`}
                className="w-control px-0!"
                onClick={() => lines.remove(place)}
              >
                <Trash2 aria-hidden className="size-3.5 text-muted" />
              </Button>
            </div>
          );
        })}
        <Button className="self-start" onClick={() => lines.append(NEW_LINE)}>
          <Plus aria-hidden className="size-3.5" /> Add a line
        </Button>
      </fieldset>
      <div className="grid grid-cols-3 items-start gap-3 max-sm:grid-cols-1">
        <Select label="Discount" choices={DISCOUNTS} {...form.register("discount_kind")} />
        {discounted !== "none" && (
          <>
            <Field
              label={discounted === "percent" ? "How many percent" : `How much (${currency})`}
              inputMode="decimal"
              {...bind("discount")}
            />
            <Field label="What for (optional)" {...bind("discount_label")} />
          </>
        )}
      </div>
      <Field label="Due after days" className="w-32" inputMode="numeric" {...bind("payment_terms_days")} />
      <Textarea label="Words on the invoice (optional)" {...bind("notes")} />
    </EditingLayer>
  );
}
