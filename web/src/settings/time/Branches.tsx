/** Parts of the company that number, tax and keep time in their own way; what a branch leaves open is as the company
 * has it. */

import { Controller } from "react-hook-form";
import { z } from "zod";
import type { Schemas } from "@/api/client";
import { Checkbox } from "@/ui/Checkbox";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { needed, percent, share } from "../entering";
import { resource } from "../resource";
import { type Edited, type Kind, SettingsList } from "../SettingsList";
import { WeekHours } from "./WeekHours";
import { Hours, weekSaid } from "./week";
import { ZONES } from "./zones";

type Branch = Schemas["BranchOut"];

/** Percent of a hundred at most, as a share; left empty: the company's. */
const rate = z
  .string()
  .trim()
  .regex(/^(\d{1,3}(\.\d{1,4})?)?$/, "Type percent, such as 8.25.")
  .transform((value) => (value === "" ? null : share(value)));
const prefix = z
  .string()
  .trim()
  .transform((value) => value || null);

const Entered = z.object({
  name: needed("Type a name, such as “Austin”."),
  time_zone: z.string().transform((value) => value || null),
  work_order_prefix: prefix,
  invoice_prefix: prefix,
  tax_rate: rate,
  working_hours: Hours.nullable(),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const kind: Kind<Branch, Typed, Entered> = {
  resource: resource<Branch, Entered>("/api/v2/branches"),
  one: "branch",
  many: "branches",
  permission: "organisation:write",
  schema: Entered,
  typed: (of) => ({
    name: of?.name ?? "",
    time_zone: of?.time_zone ?? "",
    work_order_prefix: of?.work_order_prefix ?? "",
    invoice_prefix: of?.invoice_prefix ?? "",
    tax_rate: of?.tax_rate ? percent(of.tax_rate) : "",
    working_hours: of?.working_hours ?? null,
  }),
  fields: (editing, row) => <Fields editing={editing} isNew={row === null} />,
  called: (one) => one.name,
  deleting:
    "It is gone for good. Territories, teams and windows that belong to it are given to another one first.",
};

export default function Branches() {
  return (
    <SettingsList
      title="Branches"
      about="Parts of the company with numbers, taxes or hours of their own."
      kind={kind}
      sort="name"
      find={["name"]}
      columns={[
        { key: "name", heading: "Name", sort: "name", cell: (one) => one.name },
        {
          key: "zone",
          heading: "Time zone",
          width: "200px",
          from: 560,
          cell: (one) => one.time_zone?.replaceAll("_", " "),
        },
        {
          key: "tax",
          heading: "Tax",
          width: "88px",
          number: true,
          from: 700,
          cell: (one) => one.tax_rate && `${percent(one.tax_rate)} %`,
        },
        {
          key: "hours",
          heading: "Hours",
          width: "30%",
          from: 860,
          cell: (one) => one.working_hours && weekSaid(one.working_hours),
        },
      ]}
    />
  );
}

function Fields({
  editing: { bind, form, wrong },
  isNew,
}: {
  editing: Edited<Typed, Entered>;
  isNew: boolean;
}) {
  return (
    <>
      <Field label="Name" autoComplete="off" autoFocus={isNew} {...bind("name")} />
      <Select label="Time zone" none="The company's" choices={ZONES} {...bind("time_zone")} />
      <div className="grid grid-cols-3 gap-3">
        <Field label="Tax (percent)" inputMode="decimal" placeholder="The company's" {...bind("tax_rate")} />
        <Field
          label="Work orders"
          placeholder="The company's"
          hint="Before the number"
          {...bind("work_order_prefix")}
        />
        <Field
          label="Invoices"
          placeholder="The company's"
          hint="Before the number"
          {...bind("invoice_prefix")}
        />
      </div>
      <Controller
        control={form.control}
        name="working_hours"
        render={({ field }) => (
          <>
            <Checkbox
              label="Hours of its own"
              checked={field.value !== null}
              onChange={(event) => field.onChange(event.target.checked ? {} : null)}
            />
            {field.value !== null && (
              <WeekHours
                label="Working hours"
                value={field.value}
                onChange={field.onChange}
                error={wrong("working_hours")}
              />
            )}
          </>
        )}
      />
    </>
  );
}
