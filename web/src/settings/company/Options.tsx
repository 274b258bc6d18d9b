/** What a company does differently from others: a few switches, each with what it does. */

import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { z } from "zod";
import { api, ask, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Page, Pane } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Skeleton } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import { whole } from "../entering";
import { overOthers } from "./others";

type Flags = Schemas["FlagsOut"];

const KEY = ["organisation", "flags"];

const Entered = z.object({
  geofence: z.enum(["off", "suggest", "set"]),
  geofence_metres: whole(75, 1000, "Type metres from 75 to 1000."),
  positions_kept_days: whole(1, 90, "Type days from 1 to 90."),
  attachments_shown_to_customers: z.boolean(),
  largest_upload_mb: whole(1, 25, "Type megabytes from 1 to 25."),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

function typed(of: Flags): Typed {
  const value = (name: keyof Entered) => of.data.find((one) => one.name === name)?.value;
  return {
    geofence: value("geofence") as Typed["geofence"],
    geofence_metres: String(value("geofence_metres")),
    positions_kept_days: String(value("positions_kept_days")),
    attachments_shown_to_customers: value("attachments_shown_to_customers") === true,
    largest_upload_mb: String(value("largest_upload_mb")),
  };
}

const read = () => ask(api.GET("/api/v2/organisation/flags"));

export default function Options() {
  const asked = useQuery({ queryKey: KEY, queryFn: read });
  if (asked.data) return <Form flags={asked.data} />;
  return (
    <Page title="Options">
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : (
        <Skeleton rows={6} label="Opening the options" />
      )}
    </Page>
  );
}

function Form({ flags }: { flags: Flags }) {
  const from = useRef(flags);
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(flags),
    send: async (_, changed) => {
      from.current = await overOthers(
        (version) =>
          ask(api.PATCH("/api/v2/organisation/flags", { params: { header: seen(version) }, body: changed })),
        from,
        read,
      );
      queries.setQueryData(KEY, from.current);
      void queries.invalidateQueries({ queryKey: ["organisation", "settings"] });
      editing.form.reset(typed(from.current));
      toast({ text: "Saved." });
    },
  });
  const { bind, form } = editing;
  const dirty = form.formState.isDirty;
  const unsaved = useUnsaved(dirty);
  return (
    <Page
      title="Options"
      about={<span className="max-lg:hidden">What you do differently from others.</span>}
      actions={
        <>
          {dirty && <Button onClick={() => form.reset(typed(from.current))}>Put back</Button>}
          <Button look="primary" type="submit" form="options" busy={editing.busy} disabled={!dirty}>
            {dirty ? "Save" : "Saved"}
          </Button>
        </>
      }
    >
      <form id="options" noValidate onSubmit={editing.onSubmit} className="flex max-w-3xl flex-col gap-4 p-4">
        <Wrong>{editing.problem}</Wrong>
        <Pane title="Arrivals by position">
          <div className="grid grid-cols-[minmax(0,1fr)_160px] gap-3 max-sm:grid-cols-1">
            <Select
              label="When a technician comes to a visit or leaves it"
              choices={[
                { value: "off", text: "Nothing happens" },
                { value: "suggest", text: "Somebody is asked" },
                { value: "set", text: "The arrival is set at once" },
              ]}
              {...bind("geofence")}
            />
            <Field label="Within (metres)" inputMode="numeric" {...bind("geofence_metres")} />
          </div>
        </Pane>
        <Pane title="Positions">
          <Field
            label="Kept for (days)"
            className="w-56"
            inputMode="numeric"
            hint="Where technicians were; nobody keeps it longer than 90 days."
            {...bind("positions_kept_days")}
          />
        </Pane>
        <Pane title="Files">
          <div className="flex flex-col gap-3">
            <Checkbox
              label="Customers see what is attached to their records"
              hint="Unless whoever attaches it says otherwise."
              {...bind("attachments_shown_to_customers")}
            />
            <Field
              label="Largest file (MB)"
              className="w-56"
              inputMode="numeric"
              {...bind("largest_upload_mb")}
            />
          </div>
        </Pane>
      </form>
      {unsaved.dialog}
    </Page>
  );
}
