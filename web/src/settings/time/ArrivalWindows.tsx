/** The windows of arrival that are offered to customers: for a job type, at a branch, or for all others. */

import { Controller, useFieldArray } from "react-hook-form";
import { z } from "zod";
import type { Schemas } from "@/api/client";
import { Choices } from "@/ui/Choices";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { needed } from "../entering";
import { Lines } from "../Lines";
import { choicesOf, nameOf, useBranches, useJobTypes } from "../lookups";
import { resource } from "../resource";
import { type Edited, type Kind, SettingsList } from "../SettingsList";
import { clock, DAYS, daysSaid, TIME } from "./week";

type Windows = Schemas["ArrivalWindowSetOut"];

const Entered = z.object({
  name: needed("Type a name, such as “Mornings and afternoons”."),
  job_type_id: z.string().transform((value) => value || null),
  branch_id: z.string().transform((value) => value || null),
  windows: z
    .array(
      z.object({
        start: TIME,
        end: TIME,
        weekdays: z
          .array(z.enum(DAYS.map((one) => one.value)))
          .transform((all) => (all.length === 0 || all.length === 7 ? null : all)),
      }),
    )
    .min(1, "Add a window at least."),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const EVERY_DAY = DAYS.map((one) => one.value);
const begun = (start: string, end: string): Typed["windows"][number] => ({
  start,
  end,
  weekdays: EVERY_DAY,
});

const kind: Kind<Windows, Typed, Entered> = {
  resource: resource<Windows, Entered>("/api/v2/arrival-windows"),
  one: "set of windows",
  many: "sets of windows",
  permission: "job-types:write",
  schema: Entered,
  once: ["job_type_id", "branch_id"],
  typed: (of) => ({
    name: of?.name ?? "",
    job_type_id: of?.job_type_id ?? "",
    branch_id: of?.branch_id ?? "",
    windows: of
      ? of.windows.map(({ start, end, weekdays }) => ({ start, end, weekdays: weekdays ?? EVERY_DAY }))
      : [begun("08:00", "12:00"), begun("12:00", "17:00")],
  }),
  fields: (editing, row) => <Fields editing={editing} there={row !== null} />,
  called: (one) => one.name,
  wide: true,
  deleting: "These windows are offered no more. What was promised stays promised.",
};

export default function ArrivalWindows() {
  const types = useJobTypes();
  const branches = useBranches();
  return (
    <SettingsList
      title="Arrival windows"
      about="When customers may be told that somebody arrives, on the clock at their site."
      kind={kind}
      columns={[
        { key: "name", heading: "Name", cell: (one) => one.name },
        { key: "windows", heading: "Windows", width: "300px", from: 640, cell: windowsSaid },
        {
          key: "days",
          heading: "Days",
          width: "132px",
          from: 980,
          cell: (one) => {
            const said = new Set(one.windows.map(({ weekdays }) => daysSaid(weekdays ?? null)));
            return said.size === 1 ? [...said][0] : "Various";
          },
        },
        {
          key: "type",
          heading: "For",
          width: "20%",
          cell: (one) => nameOf(types.data, one.job_type_id) || "All other work",
        },
        {
          key: "branch",
          heading: "Branch",
          width: "14%",
          from: 860,
          cell: (one) => nameOf(branches.data, one.branch_id),
        },
      ]}
    />
  );
}

/** All of them where that is short, or how many there are between the first and the last: no time is cut off. */
function windowsSaid({ windows }: Windows): string {
  if (windows.length <= 2) {
    return windows.map(({ start, end }) => `${clock(start)} – ${clock(end)}`).join(", ");
  }
  const starts = windows.map((one) => one.start).sort();
  const ends = windows.map((one) => one.end).sort();
  return `${windows.length} from ${clock(starts[0] ?? "")} to ${clock(ends.at(-1) ?? "")}`;
}

function Fields({
  editing: { bind, form, wrong },
  there,
}: {
  editing: Edited<Typed, Entered>;
  there: boolean;
}) {
  const types = useJobTypes();
  const branches = useBranches();
  const lines = useFieldArray({ control: form.control, name: "windows" });
  return (
    <>
      <Field label="Name" autoComplete="off" autoFocus={!there} {...bind("name")} />
      <div className="grid grid-cols-2 gap-3">
        <Select
          label="For"
          none="All other work"
          choices={choicesOf(types.data)}
          disabled={there}
          {...bind("job_type_id")}
        />
        <Select
          label="At"
          none="Every other branch"
          choices={choicesOf(branches.data)}
          disabled={there}
          {...bind("branch_id")}
        />
      </div>
      {there && (
        <p className="text-muted text-sm">
          For which work and where stays as it is: make another set for other work.
        </p>
      )}
      <Lines
        legend="Windows"
        keys={lines.fields.map((one) => one.id)}
        count={lines.fields.length}
        adds="Add a window"
        called="window"
        add={() => lines.append(begun("", ""))}
        remove={lines.remove}
        line={(at) => (
          <div className="grid gap-2 sm:grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)]">
            <div className="grid grid-cols-2 gap-2">
              <Field label={`Window ${at + 1} begins`} type="time" {...bind(`windows.${at}.start`)} />
              <Field label={`Window ${at + 1} ends`} type="time" {...bind(`windows.${at}.end`)} />
            </div>
            <Controller
              control={form.control}
              name={`windows.${at}.weekdays`}
              render={({ field }) => (
                <Choices
                  row
                  label={`Days of window ${at + 1}`}
                  choices={DAYS}
                  value={field.value}
                  onChange={field.onChange}
                  error={wrong(`windows.${at}.weekdays`)}
                />
              )}
            />
          </div>
        )}
      />
      {wrong("windows") && (
        <p role="alert" className="text-danger text-sm">
          {wrong("windows")}
        </p>
      )}
    </>
  );
}
