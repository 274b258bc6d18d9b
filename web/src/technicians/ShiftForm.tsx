/** A shift: on which days somebody works from when to when, and how long that holds. */

import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { useFieldArray } from "react-hook-form";
import { z } from "zod";
import { api, ask, askAll, type Schemas, seen } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { EditingLayer } from "@/ui/EditingLayer";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { WEEKDAY_WORDS, WEEKDAYS, type Weekday, weekdayOf } from "./days";
import { type Shift, timeChanged } from "./technicians";

type Break = Schemas["Break"];

const time = z.string().regex(/^\d\d:\d\d$/, "Type a time.");
const Entered = z.object({
  name: z.string().trim().min(1, "Type a name for it, such as “Days”."),
  kind: z.enum(["normal", "on_call"]),
  valid_from: z.string().min(1, "Choose its first day."),
  valid_until: z.string().transform((value) => value || null),
  overrides: z.boolean(),
  overtime_minutes: z
    .string()
    .trim()
    .regex(/^\d{1,3}$/, "Type a number of minutes, 0 to 720.")
    .transform(Number),
  rotation_weeks: z
    .string()
    .trim()
    .regex(/^\d{1,2}$/, "Type a number of weeks, 1 to 52.")
    .transform(Number),
  spans: z.array(
    z.object({
      week: z.string().transform(Number),
      weekday: z.enum(WEEKDAYS),
      start: time,
      end: time,
      breaks: z.array(z.custom<Break>()),
    }),
  ),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;
type Line = Typed["spans"][number];

const line = (weekday: Weekday): Line => ({ week: "1", weekday, start: "08:00", end: "17:00", breaks: [] });
const DAYS = WEEKDAYS.map((value) => ({ value, text: WEEKDAY_WORDS[value] }));

function typed(of: Shift): Typed {
  return {
    name: of.name,
    kind: of.kind,
    valid_from: of.valid_from,
    valid_until: of.valid_until ?? "",
    overrides: of.overrides,
    overtime_minutes: of.overtime_minutes.toString(),
    rotation_weeks: of.rotation_weeks.toString(),
    spans: of.spans.map(({ week, weekday, start, end, breaks }) => ({
      week: (week ?? 1).toString(),
      weekday,
      start,
      end,
      breaks: breaks ?? [],
    })),
  };
}

const BASE = { kind: "normal", overtime_minutes: "0", rotation_weeks: "1" } as const;

/** What a new shift begins with: hours of one day alone, or those of every week from a day on. */
const begun = (from: string, alone: boolean): Typed =>
  alone
    ? {
        ...BASE,
        name: "Other hours",
        valid_from: from,
        valid_until: from,
        overrides: true,
        spans: [line(weekdayOf(from))],
      }
    : {
        ...BASE,
        name: "Days",
        valid_from: from,
        valid_until: "",
        overrides: false,
        spans: WEEKDAYS.slice(0, 5).map(line),
      };

/** A break in words: "30 min at 12:00". */
const said = (one: Break) =>
  one.start
    ? `${one.minutes} min at ${one.start}`
    : `${one.minutes} min from ${one.earliest} to ${one.latest}`;

interface Props {
  technicianId: string;
  /** The one to change, or the day that a new one begins with. */
  of: Shift | { from: string; alone: boolean };
  onClose: () => void;
}

export function ShiftForm({ technicianId, of, onClose }: Props) {
  const there = "id" in of ? of : null;
  const from = useRef(there);
  const keyOf = useKeys();
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: "id" in of ? typed(of) : begun(of.from, of.alone),
    send: async (body) => {
      if (from.current) {
        const params = { path: { id: from.current.id }, header: seen(from.current.version) };
        await ask(api.PATCH("/api/v2/shifts/{id}", { params, body }));
      } else {
        const draft = { ...body, technician_id: technicianId };
        await ask(api.POST("/api/v2/shifts", { body: draft, headers: keyOf(draft) }));
      }
      await timeChanged(technicianId);
      toast({ text: "Working time saved." });
      onClose();
    },
    reread: (current) => {
      from.current = current as Shift;
      return typed(from.current);
    },
  });
  const { bind, form, wrong } = editing;
  const lines = useFieldArray({ control: form.control, name: "spans" });
  const rotates = Number(form.watch("rotation_weeks")) > 1;
  const spans = form.watch("spans");

  async function remove(shift: Shift) {
    try {
      await askAll(api.DELETE("/api/v2/shifts/{id}", { params: { path: { id: shift.id } } }));
      await timeChanged(technicianId);
      toast({ text: `“${shift.name}” was deleted.` });
      onClose();
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  return (
    <EditingLayer
      beside
      editing={editing}
      onClose={onClose}
      title={there ? `Change “${there.name}”` : "Add working time"}
      verb="Save"
      other={
        there && (
          <Button look="danger" onClick={() => void remove(there)}>
            Delete
          </Button>
        )
      }
    >
      <div className="grid grid-cols-2 gap-3">
        <Field label="Name" autoComplete="off" {...bind("name")} />
        <Select
          label="Kind"
          choices={[
            { value: "normal", text: "At work" },
            { value: "on_call", text: "On call" },
          ]}
          {...bind("kind")}
        />
        <Field label="From" type="date" {...bind("valid_from")} />
        <Field label="Until (optional)" type="date" {...bind("valid_until")} />
      </div>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 font-medium">Hours</legend>
        {lines.fields.length === 0 && (
          <p className="text-muted">No hours: with “in place of all others” these are days off.</p>
        )}
        {lines.fields.map((one, place) => (
          <div key={one.id}>
            <div className="flex items-start gap-2">
              {rotates && (
                <Field
                  label={`Week of line ${place + 1}`}
                  quiet
                  className="w-14"
                  inputMode="numeric"
                  {...bind(`spans.${place}.week`)}
                />
              )}
              <Select
                label={`Day of line ${place + 1}`}
                quiet
                className="min-w-0 flex-1"
                choices={DAYS}
                {...bind(`spans.${place}.weekday`)}
              />
              <Field
                label={`Start of line ${place + 1}`}
                quiet
                type="time"
                className="w-28"
                {...bind(`spans.${place}.start`)}
              />
              <Field
                label={`End of line ${place + 1}`}
                quiet
                type="time"
                className="w-28"
                {...bind(`spans.${place}.end`)}
              />
              <Button
                look="plain"
                aria-label={`Take line ${place + 1} away`}
                className="w-control px-0!"
                onClick={() => lines.remove(place)}
              >
                <X aria-hidden className="size-4" />
              </Button>
            </div>
            {(spans[place]?.breaks.length ?? 0) > 0 && (
              <p className="text-muted text-sm">Break: {spans[place]?.breaks.map(said).join(", ")}</p>
            )}
          </div>
        ))}
        {wrong("spans") && <p className="text-danger text-sm">{wrong("spans")}</p>}
        <Button className="self-start" onClick={() => lines.append(line("mon"))}>
          <Plus aria-hidden className="size-3.5" /> Add hours
        </Button>
      </fieldset>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Overtime after it, minutes" inputMode="numeric" {...bind("overtime_minutes")} />
        <Field label="Repeats every … weeks" inputMode="numeric" {...bind("rotation_weeks")} />
      </div>
      <Checkbox label="In place of all others on its days" {...bind("overrides")} />
    </EditingLayer>
  );
}
