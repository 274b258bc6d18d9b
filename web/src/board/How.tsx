/** How a customer was told, and who of them: fields of a form, by the names that the API has for them. */

import type { Schemas } from "@/api/client";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import type { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { VIA } from "./words";

type Via = Schemas["ToldVia"];

const choices = (Object.keys(VIA) as Via[]).map((value) => ({
  value,
  text: `${VIA[value].charAt(0).toUpperCase()}${VIA[value].slice(1)}`,
}));
const told = choices.filter((one) => one.value !== "not_yet");

interface Props {
  /** Whether it may only be written down, and be told later. */
  later?: boolean;
  fault: (name: string) => string | undefined;
  autoFocus?: boolean;
}

export function How({ later = false, fault, autoFocus = false }: Props) {
  return (
    <>
      <Select
        label="Told how"
        name="told_via"
        defaultValue="phone"
        autoFocus={autoFocus}
        choices={later ? choices : told}
        error={fault("told_via")}
      />
      <Field
        label="To whom (optional)"
        name="told_to"
        maxLength={200}
        autoComplete="off"
        error={fault("told_to")}
      />
    </>
  );
}

interface EndProps {
  form: ReturnType<typeof useSubmit>;
  autoFocus?: boolean;
}

/** What each form that promises something ends with: how it was told, why, and what is wrong with none of its fields. */
export function HowAndWhy({ form, autoFocus = false }: EndProps) {
  return (
    <>
      <How later autoFocus={autoFocus} fault={form.fault} />
      <Field
        className="col-span-2"
        label="Why (optional)"
        name="reason"
        maxLength={200}
        autoComplete="off"
        hint="It stands beside the promise."
        error={form.fault("reason")}
      />
      {form.beside && (
        <div className="col-span-2">
          <Wrong>{form.beside}</Wrong>
        </div>
      )}
    </>
  );
}

const TEXTS = ["told_to", "reason"] as const;

/** What was entered in these fields, and in a reason beside them. */
export function howOf(form: FormData): { told_via: Via; told_to?: string; reason?: string } {
  const texts = TEXTS.flatMap((name) => {
    const text = String(form.get(name) ?? "").trim();
    return text ? [[name, text] as const] : [];
  });
  return { told_via: form.get("told_via") as Via, ...Object.fromEntries(texts) };
}
