/** Days on which nobody works, whole or in part: no times are offered then. */

import { CalendarPlus } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { z } from "zod";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { Skeleton } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { onDay } from "@/ui/when";
import { needed } from "../entering";
import { useOrganisation } from "../lookups";
import { resource } from "../resource";
import { type Kind, SettingsList } from "../SettingsList";
import { clock, TIME } from "./week";

type Holiday = Schemas["HolidayOut"];

const time = z.union([z.literal(""), TIME]).transform((value) => value.slice(0, 5) || null);
const Entered = z.object({
  name: needed("Type its name."),
  day: z.string().min(1, "Choose the day."),
  start_time: time,
  end_time: time,
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const holidays = resource<Holiday, Entered>("/api/v2/holidays");

const kind: Kind<Holiday, Typed, Entered> = {
  resource: holidays,
  one: "holiday",
  many: "holidays",
  permission: "technicians:write",
  schema: Entered,
  typed: (of) => ({
    name: of?.name ?? "",
    day: of?.day ?? "",
    start_time: of?.start_time?.slice(0, 5) ?? "",
    end_time: of?.end_time?.slice(0, 5) ?? "",
  }),
  fields: ({ bind }, row) => (
    <>
      <Field label="Name" autoComplete="off" autoFocus={row === null} {...bind("name")} />
      <Field label="Day" type="date" className="w-44" {...bind("day")} />
      <div className="grid grid-cols-2 gap-3">
        <Field
          label="From (optional)"
          type="time"
          hint="Left empty: from midnight."
          {...bind("start_time")}
        />
        <Field
          label="Until (optional)"
          type="time"
          hint="Left empty: until midnight."
          {...bind("end_time")}
        />
      </div>
    </>
  ),
  called: (one) => one.name,
  deleting: "It is a working day after all: times are offered on it again.",
};

const part = (one: Holiday) =>
  one.start_time || one.end_time
    ? `${one.start_time ? clock(one.start_time) : "Midnight"} – ${one.end_time ? clock(one.end_time) : "midnight"}`
    : "Whole day";

export default function Holidays() {
  const [adopting, setAdopting] = useState(false);
  const [address] = useSearchParams();
  const all = address.get("past") === "yes";
  const from = `${new Date().getFullYear()}-01-01`;
  return (
    <>
      <SettingsList
        title="Holidays"
        about="Days on which nobody works. Who is on call stays so."
        kind={kind}
        sort="day"
        fixed={all ? {} : { day_from: from }}
        choices={(list) => (
          <Select
            quiet
            className="w-44"
            label="Which years"
            none="From this year on"
            choices={[{ value: "yes", text: "Past years too" }]}
            value={list.address.get("past") ?? ""}
            onChange={(event) => list.change({ past: event.target.value || null })}
          />
        )}
        actions={
          <Button onClick={() => setAdopting(true)}>
            <CalendarPlus aria-hidden className="size-3.5" /> Public holidays…
          </Button>
        }
        columns={[
          { key: "name", heading: "Name", cell: (one) => one.name },
          {
            key: "day",
            heading: "Day",
            width: "168px",
            sort: "day",
            cell: (one) => <span className="tabular">{onDay(one.day)}</span>,
          },
          { key: "part", heading: "Free", width: "190px", from: 560, cell: part },
        ]}
      />
      {adopting && <Adopt onClose={() => setAdopting(false)} />}
    </>
  );
}

function Adopt({ onClose }: { onClose: () => void }) {
  const organisation = useOrganisation();
  const sending = useSubmit(["country", "region", "year"], async (form) => {
    const { data } = await ask(
      api.POST("/api/v2/public-holidays", {
        body: {
          country: String(form.get("country")).trim().toUpperCase(),
          region: String(form.get("region")).trim() || null,
          year: Number(form.get("year")),
        },
      }),
    );
    holidays.again();
    const many = data.length;
    toast({
      text: many
        ? `${many} ${many === 1 ? "holiday was" : "holidays were"} added.`
        : "All of them were there already.",
    });
    onClose();
  });
  const its = organisation.data;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add public holidays"
      about="Those of a country or a part of it, for one year. Days that are holidays already stay as they are."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="adopt" busy={sending.busy} disabled={!its}>
            Add them
          </Button>
        </>
      }
    >
      {its ? (
        <form id="adopt" {...sending.form} className="grid grid-cols-3 gap-3">
          <Field
            label="Country"
            name="country"
            hint="Two letters"
            maxLength={2}
            required
            defaultValue={its.country}
            error={sending.fault("country")}
          />
          <Field
            label="State"
            name="region"
            hint="Its code; or none"
            maxLength={20}
            defaultValue={its.region}
            error={sending.fault("region")}
          />
          <Field
            label="Year"
            name="year"
            type="number"
            min={1970}
            max={2199}
            required
            defaultValue={new Date().getFullYear()}
            error={sending.fault("year")}
          />
          <div className="col-span-3">
            <Wrong>{sending.beside}</Wrong>
          </div>
        </form>
      ) : organisation.error ? (
        <Failed error={organisation.error} again={() => void organisation.refetch()} />
      ) : (
        <Skeleton rows={2} label="Reading where the company is" />
      )}
    </Dialog>
  );
}
