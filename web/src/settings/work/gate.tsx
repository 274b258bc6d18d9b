/** What must be there before work moves on: so many of what, before which step. */

import { z } from "zod";
import type { Schemas } from "@/api/client";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { whole } from "../entering";

type Requirement = Schemas["RequirementOut"];

const BEFORE = [
  { value: "visit.complete", text: "Before a visit is completed" },
  { value: "work_order.complete", text: "Before the work order is completed" },
  { value: "work_order.approve", text: "Before the work order is approved" },
] as const;

const NEED = [
  { value: "required_steps", text: "All required steps" },
  { value: "every_step", text: "Every step" },
  { value: "notes", text: "Notes" },
  { value: "attachments", text: "Files" },
  { value: "photos", text: "Photos" },
  { value: "signatures", text: "Signatures" },
] as const;

const STEPS = ["required_steps", "every_step"];

export const Gate = z.array(
  z.object({
    before: z.enum(BEFORE.map((one) => one.value)),
    need: z.enum(NEED.map((one) => one.value)),
    at_least: whole(1, 20, "Type how many, 1 to 20."),
  }),
);
export type GateTyped = z.input<typeof Gate>;

export const gateTyped = (of: readonly Requirement[] | null): GateTyped =>
  (of ?? []).map((one) => ({ ...one, at_least: one.at_least.toString() }));

export const NEW_REQUIREMENT: GateTyped[number] = {
  before: "work_order.complete",
  need: "photos",
  at_least: "1",
};

/** The fields of one requirement; `register` and `wrong` are the form's, for the line's own names. */
export function RequirementFields({
  place,
  register,
  wrong,
  need,
}: {
  place: number;
  register: (name: "before" | "need" | "at_least") => object;
  wrong: (name: "before" | "need" | "at_least") => string | undefined;
  need: string | undefined;
}) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_64px] gap-2 max-sm:grid-cols-1">
      <Select
        quiet
        label={`When of requirement ${place + 1}`}
        choices={BEFORE}
        error={wrong("before")}
        {...register("before")}
      />
      <Select
        quiet
        label={`What of requirement ${place + 1}`}
        choices={NEED}
        error={wrong("need")}
        {...register("need")}
      />
      {!STEPS.includes(need ?? "") && (
        <Field
          quiet
          label={`How many of requirement ${place + 1}`}
          inputMode="numeric"
          error={wrong("at_least")}
          {...register("at_least")}
        />
      )}
    </div>
  );
}
