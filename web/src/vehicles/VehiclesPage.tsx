/** What is booked beside people: trucks, trailers, machines, bays; what each holds and where it stands at night. */

import { useFieldArray } from "react-hook-form";
import { z } from "zod";
import type { Schemas } from "@/api/client";
import { needed, whole, words } from "@/settings/entering";
import { Lines } from "@/settings/Lines";
import { resource } from "@/settings/resource";
import { type Edited, type Kind, SettingsList } from "@/settings/SettingsList";
import { Checkbox } from "@/ui/Checkbox";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { Status } from "@/ui/Status";

type Vehicle = Schemas["VehicleOut"];

const KINDS = [
  { value: "vehicle", text: "Vehicle" },
  { value: "trailer", text: "Trailer" },
  { value: "equipment", text: "Machine" },
  { value: "bay", text: "Bay" },
] as const;

const Entered = z.object({
  name: needed("Type a name, such as “Truck 7”."),
  kind: z.enum(["vehicle", "trailer", "equipment", "bay"]),
  plate: words,
  home_place: words,
  active: z.boolean(),
  capacity: z
    .array(
      z.object({
        unit: needed("Name the unit, such as gallons."),
        amount: whole(0, 1_000_000_000, "A whole number."),
      }),
    )
    .refine((all) => new Set(all.map((one) => one.unit)).size === all.length, "Each unit once.")
    .transform((all) => Object.fromEntries(all.map((one) => [one.unit, one.amount]))),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const kind: Kind<Vehicle, Typed, Entered> = {
  resource: resource<Vehicle, Entered>("/api/v2/vehicles"),
  one: "vehicle",
  many: "vehicles",
  permission: "technicians:write",
  restores: true,
  schema: Entered,
  typed: (of) => ({
    name: of?.name ?? "",
    kind: of?.kind ?? "vehicle",
    plate: of?.plate ?? "",
    home_place: of?.home_place ?? "",
    active: of?.active ?? true,
    capacity: Object.entries(of?.capacity ?? {}).map(([unit, amount]) => ({
      unit,
      amount: amount.toString(),
    })),
  }),
  fields: (editing, row) => <Fields editing={editing} isNew={row === null} />,
  called: (one) => one.name,
  deleting: "It cannot be booked any more. While it is booked from now on it stays.",
};

function Fields({
  editing: { bind, form, wrong },
  isNew,
}: {
  editing: Edited<Typed, Entered>;
  isNew: boolean;
}) {
  const lines = useFieldArray({ control: form.control, name: "capacity" });
  return (
    <>
      <Field label="Name" autoComplete="off" autoFocus={isNew} {...bind("name")} />
      <div className="grid grid-cols-2 gap-3">
        <Select label="Kind" choices={KINDS} {...bind("kind")} />
        <Field label="Plate" autoComplete="off" {...bind("plate")} />
      </div>
      <Field label="Stands at night" autoComplete="off" {...bind("home_place")} />
      <Lines
        legend="What it holds"
        count={lines.fields.length}
        keys={lines.fields.map((one) => one.id)}
        add={() => lines.append({ unit: "", amount: "" })}
        remove={(place) => lines.remove(place)}
        adds="Add what it holds"
        called="capacity"
        line={(place) => (
          <div className="grid grid-cols-2 gap-2">
            <Field
              label={`How much ${place + 1}`}
              quiet
              inputMode="numeric"
              placeholder="2500"
              {...bind(`capacity.${place}.amount`)}
            />
            <Field
              label={`Unit ${place + 1}`}
              quiet
              placeholder="gallons"
              autoComplete="off"
              {...bind(`capacity.${place}.unit`)}
            />
          </div>
        )}
      />
      {wrong("capacity") && <p className="text-danger text-sm">{wrong("capacity")}</p>}
      <Checkbox label="In use" {...bind("active")} />
    </>
  );
}

export default function VehiclesPage() {
  return (
    <SettingsList
      title="Vehicles"
      about="Trucks, trailers, machines and bays that are booked beside people."
      kind={kind}
      sort="name"
      columns={[
        { key: "name", heading: "Name", sort: "name", cell: (one) => one.name },
        {
          key: "kind",
          heading: "Kind",
          width: "112px",
          from: 480,
          cell: (one) => KINDS.find((other) => other.value === one.kind)?.text,
        },
        { key: "plate", heading: "Plate", width: "136px", from: 640, cell: (one) => one.plate },
        {
          key: "capacity",
          heading: "Holds",
          width: "24%",
          from: 800,
          cell: (one) =>
            Object.entries(one.capacity)
              .map(([unit, amount]) => `${amount.toLocaleString()} ${unit}`)
              .join(", "),
        },
        { key: "home", heading: "Stands at night", width: "20%", from: 960, cell: (one) => one.home_place },
        {
          key: "active",
          heading: "State",
          width: "112px",
          cell: (one) => (
            <Status status={one.active ? "active" : "retired"} text={one.active ? "In use" : "Laid up"} />
          ),
        },
      ]}
    />
  );
}
