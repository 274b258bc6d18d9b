/** A job type as its form holds it, and as it is sent. */

import { z } from "zod";
import type { Schemas } from "@/api/client";
import { amount, amountNeeded, needed, short, whole, words } from "../entering";
import { resource } from "../resource";
import { Gate, gateTyped } from "./gate";

export type JobType = Schemas["JobTypeOut"];

const price = z
  .object({
    description: needed("Say what is charged."),
    detail: words,
    quantity: z
      .string()
      .trim()
      .regex(/^\d{1,9}(\.\d{1,3})?$/, "Type how many, such as 1 or 2.5."),
    unit: needed("Type a unit, such as each or hour."),
    unit_price: amountNeeded,
    taxable: z.boolean(),
    unit_cost: amount.optional(),
  })
  // a cost that one may not see is left as it was
  .transform(({ unit_cost, ...rest }) => (unit_cost === undefined ? rest : { ...rest, unit_cost }));

export const Entered = z.object({
  name: needed("Type a name, such as “Water heater, replace”."),
  trade: needed("Type a trade, such as plumbing."),
  duration_minutes: whole(5, 10_080, "Type the minutes it takes, 5 or more."),
  crew_size: whole(1, 20, "Type how many people it needs, 1 to 20."),
  description: words,
  instructions: words,
  unit_price: amount,
  skills: z.array(z.object({ skill_id: needed("Choose a skill."), level: z.string().transform(Number) })),
  tasks: z.array(
    z.object({
      title: needed("Say what is done in this step."),
      required: z.boolean(),
      kind: z.enum(["check", "text", "number"]),
    }),
  ),
  price_lines: z.array(price),
  gate: Gate.transform((all) => (all.length > 0 ? all : null)),
});
export type Typed = z.input<typeof Entered>;
export type Entered = z.output<typeof Entered>;

export const jobTypes = resource<JobType, Entered>("/api/v2/job-types");

export const typed = (of: JobType | null): Typed => ({
  name: of?.name ?? "",
  trade: of?.trade ?? "",
  duration_minutes: of ? of.duration_minutes.toString() : "60",
  crew_size: of ? of.crew_size.toString() : "1",
  description: of?.description ?? "",
  instructions: of?.instructions ?? "",
  unit_price: short(of?.unit_price),
  skills: (of?.skills ?? []).map((one) => ({ skill_id: one.skill.id, level: one.level.toString() })),
  tasks: of?.tasks ?? [],
  price_lines: (of?.price_lines ?? []).map(({ unit_cost, ...one }) => ({
    ...one,
    detail: one.detail ?? "",
    quantity: short(one.quantity),
    unit_price: short(one.unit_price),
    ...(unit_cost === undefined ? {} : { unit_cost: short(unit_cost) }),
  })),
  gate: gateTyped(of?.gate ?? null),
});
