/** The form of a job type. */

import { useFieldArray } from "react-hook-form";
import { useMe } from "@/identity/me";
import { useSkills } from "@/technicians/technicians";
import { Checkbox } from "@/ui/Checkbox";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { Textarea } from "@/ui/Textarea";
import { Lines } from "../Lines";
import { choicesOf } from "../lookups";
import type { Edited } from "../SettingsList";
import { NEW_REQUIREMENT, RequirementFields } from "./gate";
import type { Entered, Typed } from "./jobTypes";

type Editing = Edited<Typed, Entered>;

const LEVELS = ["1", "2", "3", "4", "5"].map((value) => ({ value, text: `Level ${value} or more` }));
const KINDS = [
  { value: "check", text: "Ticked off" },
  { value: "text", text: "Answered in words" },
  { value: "number", text: "A number is read" },
];

export function JobTypeFields({ editing, isNew }: { editing: Editing; isNew: boolean }) {
  const { bind } = editing;
  return (
    <>
      <Field label="Name" autoComplete="off" autoFocus={isNew} {...bind("name")} />
      <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-2">
        <Field label="Trade" hint="plumbing, hvac, septic, …" autoComplete="off" {...bind("trade")} />
        <Field label="Takes (minutes)" inputMode="numeric" {...bind("duration_minutes")} />
        <Field label="People needed" inputMode="numeric" {...bind("crew_size")} />
      </div>
      <Textarea
        label="Description"
        hint="For the office: when this is the right type."
        {...bind("description")}
      />
      <Textarea label="Instructions" hint="For whoever does the work." {...bind("instructions")} />
      <Needs editing={editing} />
      <Steps editing={editing} />
      <Prices editing={editing} />
      <Gate editing={editing} />
    </>
  );
}

function Needs({ editing: { bind, form } }: { editing: Editing }) {
  const skills = useSkills();
  const lines = useFieldArray({ control: form.control, name: "skills" });
  return (
    <Lines
      legend="Skills"
      hint="Only who has all of them is offered for this work."
      keys={lines.fields.map((one) => one.id)}
      count={lines.fields.length}
      adds="Add a skill"
      called="skill"
      add={() => lines.append({ skill_id: "", level: "1" })}
      remove={lines.remove}
      line={(at) => (
        <div className="grid grid-cols-[minmax(0,1fr)_144px] gap-2">
          <Select
            quiet
            label={`Skill ${at + 1}`}
            none="Choose a skill"
            choices={choicesOf(skills.data)}
            {...bind(`skills.${at}.skill_id`)}
          />
          <Select quiet label={`Level of skill ${at + 1}`} choices={LEVELS} {...bind(`skills.${at}.level`)} />
        </div>
      )}
    />
  );
}

function Steps({ editing: { bind, form } }: { editing: Editing }) {
  const lines = useFieldArray({ control: form.control, name: "tasks" });
  return (
    <Lines
      legend="Checklist"
      hint="New work starts with these steps."
      keys={lines.fields.map((one) => one.id)}
      count={lines.fields.length}
      adds="Add a step"
      called="step"
      add={() => lines.append({ title: "", required: false, kind: "check" })}
      remove={lines.remove}
      line={(at) => (
        <div className="grid grid-cols-[minmax(0,1fr)_152px_96px] items-start gap-2 max-sm:grid-cols-2">
          <Field
            quiet
            className="max-sm:col-span-2"
            label={`Step ${at + 1}`}
            placeholder="What is done"
            autoComplete="off"
            {...bind(`tasks.${at}.title`)}
          />
          <Select quiet label={`Kind of step ${at + 1}`} choices={KINDS} {...bind(`tasks.${at}.kind`)} />
          <Checkbox
            label="Required"
            aria-label={`Step ${at + 1} is required`}
            {...form.register(`tasks.${at}.required`)}
          />
        </div>
      )}
    />
  );
}

function Prices({ editing: { bind, form } }: { editing: Editing }) {
  const { me } = useMe();
  const lines = useFieldArray({ control: form.control, name: "price_lines" });
  const costs = me?.permissions.includes("prices:costs") ?? false;
  return (
    <>
      <Lines
        legend={`Price lines (${me?.currency ?? ""})`}
        hint="A draft invoice starts with these. Without any, the one price below is charged."
        keys={lines.fields.map((one) => one.id)}
        count={lines.fields.length}
        adds="Add a price line"
        called="price line"
        add={() =>
          lines.append({
            description: "",
            detail: "",
            quantity: "1",
            unit: "each",
            unit_price: "",
            taxable: true,
            ...(costs ? { unit_cost: "" } : {}),
          })
        }
        remove={lines.remove}
        line={(at) => (
          <div className="grid grid-cols-4 items-end gap-2 max-sm:grid-cols-2">
            <Field
              className="col-span-3 max-sm:col-span-2"
              label={`Charge ${at + 1}`}
              autoComplete="off"
              {...bind(`price_lines.${at}.description`)}
            />
            <Checkbox
              label="Taxed"
              aria-label={`Charge ${at + 1} is taxed`}
              {...form.register(`price_lines.${at}.taxable`)}
            />
            <Field label="Quantity" inputMode="decimal" {...bind(`price_lines.${at}.quantity`)} />
            <Field label="Unit" autoComplete="off" {...bind(`price_lines.${at}.unit`)} />
            <Field label="Price of one" inputMode="decimal" {...bind(`price_lines.${at}.unit_price`)} />
            {costs && (
              <Field label="Costs you" inputMode="decimal" {...bind(`price_lines.${at}.unit_cost`)} />
            )}
          </div>
        )}
      />
      {lines.fields.length === 0 && (
        <Field
          label={`One price for all of it (${me?.currency ?? ""})`}
          className="w-56"
          inputMode="decimal"
          {...bind("unit_price")}
        />
      )}
    </>
  );
}

function Gate({ editing: { form, wrong } }: { editing: Editing }) {
  const lines = useFieldArray({ control: form.control, name: "gate" });
  const gate = form.watch("gate");
  return (
    <Lines
      legend="What must be there"
      hint="Before work of this type moves on. Without any, it is as the company says."
      keys={lines.fields.map((one) => one.id)}
      count={lines.fields.length}
      adds="Add a requirement"
      called="requirement"
      add={() => lines.append(NEW_REQUIREMENT)}
      remove={lines.remove}
      line={(at) => (
        <RequirementFields
          place={at}
          need={gate[at]?.need}
          register={(name) => form.register(`gate.${at}.${name}`)}
          wrong={(name) => wrong(`gate.${at}.${name}`)}
        />
      )}
    />
  );
}
