/** The fields of a site, in the dialog that adds one and in the drawer that changes one. */

import { Plus, X } from "lucide-react";
import { useFieldArray } from "react-hook-form";
import { useMay } from "@/identity/may";
import { WEEKDAY_WORDS, WEEKDAYS } from "@/technicians/days";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { Textarea } from "@/ui/Textarea";
import type { useEditing } from "@/ui/useEditing";
import { ZONES } from "@/ui/zones";
import type { Entered, Typed } from "./entered";
import { useTerritories } from "./territories";

type Form = Pick<ReturnType<typeof useEditing<Typed, Entered>>, "bind" | "form" | "wrong">;

const TWO = "grid grid-cols-2 gap-3 max-sm:grid-cols-1";
const DAYS = WEEKDAYS.map((value) => ({ value, text: WEEKDAY_WORDS[value] }));
const SEVERITIES = [
  { value: "danger", text: "Danger" },
  { value: "caution", text: "Caution" },
  { value: "note", text: "Note" },
] as const;

export function SiteFields({ isNew, ...editing }: Form & { isNew: boolean }) {
  const { bind } = editing;
  const may = useMay();
  const territories = useTerritories();
  const field = (name: Exclude<keyof Typed, "access_hours" | "hazards" | "parties">) => ({
    ...bind(name),
    autoComplete: "off",
  });
  return (
    <>
      <Field label="Street and number" {...field("street")} />
      <div className={TWO}>
        <Field label="Postal code" {...field("postal_code")} />
        <Field label="Unit" {...field("unit")} />
        <Field label="City" hint="Nothing: as the postal code says." {...field("city")} />
        <div className="grid grid-cols-2 gap-3">
          <Field label="State" {...field("region")} />
          <Field label="Country" {...field("country")} />
        </div>
      </div>
      <Field label="Name of the place" hint="Such as “North plant”." {...field("name")} />
      <Hazards {...editing} />
      <Textarea label="Getting in" hint="Where to park, whom to ask, which door." {...bind("access_notes")} />
      {may("sites:access-codes") && <Field label="Gate code" {...field("gate_code")} />}
      <AccessHours {...editing} />
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-2 font-medium text-muted text-sm">Where it lies</legend>
        <div className={TWO}>
          <Field label="Latitude" inputMode="decimal" {...field("latitude")} />
          <Field label="Longitude" inputMode="decimal" {...field("longitude")} />
          <Select label="Time zone" none="As the postal code says" choices={ZONES} {...bind("time_zone")} />
          {!isNew && (
            <Select
              label="Territory"
              none="Where its address lies"
              choices={(territories.data ?? []).map((one) => ({ value: one.id, text: one.name }))}
              {...bind("territory_id")}
            />
          )}
        </div>
      </fieldset>
      <Field label="Key elsewhere" hint="Its id in another system." {...field("external_key")} />
    </>
  );
}

function Hazards({ form, wrong }: Form) {
  const lines = useFieldArray({ control: form.control, name: "hazards" });
  const atLine = lines.fields.some((_, place) => wrong(`hazards.${place}`));
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2 font-medium">Hazards</legend>
      {lines.fields.map((line, place) => (
        <div key={line.id} className="flex items-start gap-2">
          <Field
            label={`Hazard ${place + 1}`}
            quiet
            className="min-w-0 flex-1"
            maxLength={200}
            placeholder="Dog in the yard"
            error={wrong(`hazards.${place}.text`) ?? wrong(`hazards.${place}`)}
            {...form.register(`hazards.${place}.text`)}
          />
          <Select
            label={`How bad is hazard ${place + 1}`}
            quiet
            className="w-28"
            choices={SEVERITIES}
            {...form.register(`hazards.${place}.severity`)}
          />
          <Away label={`Take hazard ${place + 1} away`} onClick={() => lines.remove(place)} />
        </div>
      ))}
      {!atLine && wrong("hazards") && <p className="text-danger text-sm">{wrong("hazards")}</p>}
      <Button className="self-start" onClick={() => lines.append({ text: "", severity: "caution" })}>
        <Plus aria-hidden className="size-3.5" /> Add a hazard
      </Button>
    </fieldset>
  );
}

function AccessHours({ bind, form, wrong }: Form) {
  const lines = useFieldArray({ control: form.control, name: "access_hours" });
  // what is wrong with one line stands there alone
  const atLine = lines.fields.some((_, place) => wrong(`access_hours.${place}`));
  const next = WEEKDAYS[Math.min(lines.fields.length, 6)] ?? "mon";
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2 font-medium">When one may enter</legend>
      {lines.fields.length === 0 && <p className="text-muted">At any time.</p>}
      {lines.fields.map((line, place) => (
        <div key={line.id}>
          <div className="flex items-start gap-2">
            <Select
              label={`Day of hours ${place + 1}`}
              quiet
              className="min-w-0 flex-1"
              choices={DAYS}
              {...form.register(`access_hours.${place}.weekday`)}
            />
            <Field
              label={`Opens, hours ${place + 1}`}
              quiet
              placeholder="08:00"
              maxLength={5}
              className="w-20"
              {...bind(`access_hours.${place}.opens`)}
            />
            <Field
              label={`Closes, hours ${place + 1}`}
              quiet
              placeholder="24:00"
              maxLength={5}
              className="w-20"
              {...bind(`access_hours.${place}.closes`)}
            />
            <Away label={`Take hours ${place + 1} away`} onClick={() => lines.remove(place)} />
          </div>
          {wrong(`access_hours.${place}`) && (
            <p className="text-danger text-sm">{wrong(`access_hours.${place}`)}</p>
          )}
        </div>
      ))}
      {!atLine && wrong("access_hours") && <p className="text-danger text-sm">{wrong("access_hours")}</p>}
      <Button
        className="self-start"
        onClick={() => lines.append({ weekday: next, opens: "08:00", closes: "17:00" })}
      >
        <Plus aria-hidden className="size-3.5" /> Add hours
      </Button>
    </fieldset>
  );
}

function Away({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button look="plain" aria-label={label} className="w-control px-0!" onClick={onClick}>
      <X aria-hidden className="size-4" />
    </Button>
  );
}
