/** The fields of a customer, in the dialog that adds one and in the drawer that changes one. */

import { Checkbox } from "@/ui/Checkbox";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { Textarea } from "@/ui/Textarea";
import type { useEditing } from "@/ui/useEditing";
import { type Entered, KINDS, STAGES, type Typed } from "./customers";

type Form = Pick<ReturnType<typeof useEditing<Typed, Entered>>, "bind">;

const TWO = "grid grid-cols-2 gap-3 max-sm:grid-cols-1";

export function CustomerFields({ bind }: Form) {
  const field = (name: keyof Typed) => ({ ...bind(name), autoComplete: "off" });
  return (
    <div className="flex flex-col gap-3">
      <Field label="Name" {...field("name")} />
      <div className={TWO}>
        <Select label="Kind" choices={KINDS} {...bind("kind")} />
        <Select label="Stage" choices={STAGES} {...bind("stage")} />
        <Field label="Phone" type="tel" {...field("phone")} />
        <Field label="Second phone" type="tel" {...field("second_phone")} />
      </div>
      <Field label="E-mail" type="email" {...field("email")} />
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-2 font-medium text-muted text-sm">Where bills go</legend>
        <Field label="Street and number" {...field("billing_street")} />
        <div className={TWO}>
          <Field label="City" {...field("billing_city")} />
          <div className="grid grid-cols-2 gap-3">
            <Field label="State" {...field("billing_region")} />
            <Field label="Postal code" {...field("billing_postal_code")} />
          </div>
        </div>
      </fieldset>
      <div className={TWO}>
        <Field
          label="Payment terms, days"
          inputMode="numeric"
          hint="Nothing: the organisation's usual terms."
          {...field("payment_terms_days")}
        />
        <Field label="Source" hint="How they came to us." {...field("source")} />
      </div>
      <Checkbox label="Exempt from tax" {...bind("tax_exempt")} />
      <Textarea label="Notes" {...bind("notes")} />
    </div>
  );
}
