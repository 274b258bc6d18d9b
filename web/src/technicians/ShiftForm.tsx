/** A shift: on which days somebody works from when to when, and how long that holds. */

import { Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { useFieldArray } from "react-hook-form";
import { api, ask, askAll, seen } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { EditingLayer } from "@/ui/EditingLayer";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { Sure } from "@/ui/Sure";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { Breaks } from "./Breaks";
import { WEEKDAY_WORDS, WEEKDAYS } from "./days";
import { begun, Entered, line, type Typed, typed } from "./shiftEntry";
import { type Shift, timeChanged } from "./technicians";

const DAYS = WEEKDAYS.map((value) => ({ value, text: WEEKDAY_WORDS[value] }));

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
  const [deleting, setDeleting] = useState(false);
  const rotates = Number(form.watch("rotation_weeks")) > 1;
  return (
    <>
      <EditingLayer
        beside
        editing={editing}
        onClose={onClose}
        title={there ? `Change “${there.name}”` : "Add working time"}
        verb="Save"
        other={
          there && (
            <Button look="danger" onClick={() => setDeleting(true)}>
              Delete…
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
              <Breaks editing={editing} place={place} />
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
      {deleting && there && (
        <Sure
          of={{
            title: `Delete “${there.name}”?`,
            about:
              "Its hours are gone from every day it held for, as if it had never been. To end it, give it a last day instead.",
            verb: "Delete",
            look: "danger",
            do: () => remove(from.current ?? there).then(onClose),
          }}
          onClose={() => setDeleting(false)}
        />
      )}
    </>
  );
}

/** As if it had never been; what was said of it makes the same one again. */
async function remove(shift: Shift) {
  const { id, technician_id, crew_id, name, kind, overrides, valid_from, valid_until, anchor } = shift;
  const { rotation_weeks, spans, overtime_minutes } = shift;
  await askAll(api.DELETE("/api/v2/shifts/{id}", { params: { path: { id } } }));
  const changed = () => timeChanged(technician_id ?? "");
  const key = { "Idempotency-Key": crypto.randomUUID() };
  const body = {
    id,
    technician_id,
    crew_id,
    name,
    kind,
    overrides,
    valid_from,
    valid_until,
    anchor,
    rotation_weeks,
    spans,
    overtime_minutes,
  };
  toast({
    text: `“${name}” was deleted.`,
    undo: () => ask(api.POST("/api/v2/shifts", { body, headers: key })).then(changed),
  });
  await changed();
}
