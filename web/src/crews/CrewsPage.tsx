/** Who goes out together: members from a day to a day, who leads, and what they usually drive. */

import { useQuery } from "@tanstack/react-query";
import { useFieldArray } from "react-hook-form";
import { z } from "zod";
import { api, askEvery, type Schemas } from "@/api/client";
import { useMe } from "@/identity/me";
import { needed, words } from "@/settings/entering";
import { Lines } from "@/settings/Lines";
import { choicesOf, nameOf } from "@/settings/lookups";
import { resource } from "@/settings/resource";
import { type Edited, type Kind, SettingsList } from "@/settings/SettingsList";
import { today } from "@/technicians/days";
import { Checkbox } from "@/ui/Checkbox";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { Status } from "@/ui/Status";

type Crew = Schemas["CrewOut"];
type Named = { id: string; name: string };

const Entered = z.object({
  name: needed("Type a name, such as “Drainage”."),
  lead_id: words,
  vehicle_id: words,
  active: z.boolean(),
  members: z.array(
    z.object({
      technician_id: z.string().min(1, "Choose somebody."),
      first_day: z.string().min(1, "Choose their first day."),
      last_day: words,
    }),
  ),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const ALL = { limit: 200, sort: "name" } as const;

function useTechnicians() {
  return useQuery({
    queryKey: ["technicians", "all"],
    staleTime: 60_000,
    queryFn: () =>
      askEvery((from) => api.GET("/api/v2/technicians", { params: { query: { ...ALL, ...from } } })),
  });
}

function useVehicles() {
  return useQuery({
    queryKey: ["vehicles", "all"],
    staleTime: 60_000,
    queryFn: () =>
      askEvery((from) => api.GET("/api/v2/vehicles", { params: { query: { ...ALL, ...from } } })),
  });
}

const kind: Kind<Crew, Typed, Entered> = {
  resource: resource<Crew, Entered>("/api/v2/crews"),
  one: "crew",
  many: "crews",
  permission: "technicians:write",
  restores: true,
  schema: Entered,
  typed: (of) => ({
    name: of?.name ?? "",
    lead_id: of?.lead_id ?? "",
    vehicle_id: of?.vehicle_id ?? "",
    active: of?.active ?? true,
    members: (of?.members ?? []).map(({ technician_id, first_day, last_day }) => ({
      technician_id,
      first_day,
      last_day: last_day ?? "",
    })),
  }),
  fields: (editing, row) => <Fields editing={editing} row={row} />,
  called: (one) => one.name,
  deleting: "It has no lane any more. What is planned stays with its people.",
  wide: true,
};

/** With those who belong to it, whether they are among the others or not. */
function withMembers(all: readonly Named[], crew: Crew | null): Named[] {
  const known = new Set(all.map((one) => one.id));
  const others = new Map(
    crew?.members.filter((one) => !known.has(one.technician_id)).map((one) => [one.technician_id, one.name]),
  );
  return [...all, ...[...others].map(([id, name]) => ({ id, name }))];
}

function Fields({
  editing: { bind, form, wrong },
  row,
}: {
  editing: Edited<Typed, Entered>;
  row: Crew | null;
}) {
  const { me } = useMe();
  const technicians = useTechnicians();
  const people = technicians.data && withMembers(technicians.data, row);
  const vehicles = useVehicles();
  const lines = useFieldArray({ control: form.control, name: "members" });
  const members = form.watch("members").map((one) => one.technician_id);
  const begins = today(me?.time_zone ?? "UTC");
  return (
    <>
      <Field label="Name" autoComplete="off" autoFocus={row === null} {...bind("name")} />
      <Lines
        legend="Members"
        hint="Who belongs to it from a day on, and until when."
        count={lines.fields.length}
        keys={lines.fields.map((one) => one.id)}
        add={() => lines.append({ technician_id: "", first_day: begins, last_day: "" })}
        remove={(place) => lines.remove(place)}
        adds="Add a member"
        called="member"
        line={(place) => (
          <div className="grid grid-cols-3 gap-2 max-sm:grid-cols-1">
            <Select
              label={`Member ${place + 1}`}
              quiet
              none="Choose somebody"
              choices={choicesOf(people)}
              error={wrong(`members.${place}.technician_id`) ?? wrong(`members.${place}`)}
              {...form.register(`members.${place}.technician_id`)}
            />
            <Field
              label={`First day of member ${place + 1}`}
              quiet
              type="date"
              {...bind(`members.${place}.first_day`)}
            />
            <Field
              label={`Last day of member ${place + 1}`}
              quiet
              type="date"
              {...bind(`members.${place}.last_day`)}
            />
          </div>
        )}
      />
      <div className="grid grid-cols-2 gap-3">
        <Select
          label="Who leads"
          none="Nobody in particular"
          choices={choicesOf(people?.filter((one) => members.includes(one.id)))}
          {...bind("lead_id")}
        />
        <Select
          label="Usually drives"
          none="Nothing in particular"
          choices={choicesOf(vehicles.data)}
          {...bind("vehicle_id")}
        />
      </div>
      <Checkbox label="Goes out" {...bind("active")} />
    </>
  );
}

export default function CrewsPage() {
  const vehicles = useVehicles();
  return (
    <SettingsList
      title="Crews"
      about="Who goes out together. A visit planned for a crew books its members of that day."
      kind={kind}
      sort="name"
      columns={[
        { key: "name", heading: "Name", sort: "name", width: "22%", cell: (one) => one.name },
        {
          key: "members",
          heading: "Members",
          cell: (one) => [...new Set(one.members.map((member) => member.name))].join(", "),
        },
        {
          key: "lead",
          heading: "Leads",
          width: "16%",
          from: 800,
          cell: (one) => one.members.find((member) => member.technician_id === one.lead_id)?.name,
        },
        {
          key: "vehicle",
          heading: "Drives",
          width: "16%",
          from: 640,
          cell: (one) => nameOf(vehicles.data, one.vehicle_id),
        },
        {
          key: "active",
          heading: "State",
          width: "112px",
          from: 480,
          cell: (one) => (
            <Status status={one.active ? "active" : "retired"} text={one.active ? "Goes out" : "At rest"} />
          ),
        },
      ]}
    />
  );
}
