/** When somebody is away, or asks to be: entered, approved, declined, canceled. */

import { Plus } from "lucide-react";
import { useState } from "react";
import { z } from "zod";
import { api, ask } from "@/api/client";
import { useKeys } from "@/api/keys";
import { AskWhy, type Why } from "@/ui/AskWhy";
import { Button } from "@/ui/Button";
import { EditingLayer } from "@/ui/EditingLayer";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Pane } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Skeleton } from "@/ui/Skeleton";
import { Status, words } from "@/ui/Status";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { onDay } from "@/ui/when";
import { type Technician, type TimeOff, timeChanged, useTimeOff } from "./technicians";

const optional = z
  .string()
  .trim()
  .transform((value) => value || null);
const Entered = z.object({
  kind: z.enum(["vacation", "sick", "training", "other"]),
  first_day: z.string().min(1, "Choose the first day."),
  last_day: optional,
  start_time: optional,
  end_time: optional,
  note: optional,
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const KINDS = Entered.shape.kind.options.map((value) => ({ value, text: words(value) }));

function days(of: TimeOff): string {
  const first = onDay(of.first_day);
  if (of.first_day !== of.last_day) return `${first} – ${onDay(of.last_day)}`;
  return of.start_time || of.end_time
    ? `${first}, ${of.start_time ?? "00:00"} – ${of.end_time ?? "24:00"}`
    : first;
}

interface Props {
  technician: Technician;
  may: (permission: string) => boolean;
}

export function TimesOff({ technician, may }: Props) {
  const asked = useTimeOff(technician.id, true);
  const [adding, setAdding] = useState(false);
  const [why, setWhy] = useState<Why | null>(null);
  const changed = () => timeChanged(technician.id);

  async function approve(one: TimeOff) {
    try {
      const params = { path: { id: one.id } };
      await ask(api.POST("/api/v2/time-off/{id}/approve", { params, body: { reason: null } }));
      await changed();
      toast({ text: "Approved." });
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  const declining = (one: TimeOff): Why => ({
    title: "Decline time off",
    about: `${technician.name}, ${days(one)}. They read the reason.`,
    verb: "Decline",
    look: "danger",
    needed: true,
    do: (reason) =>
      ask(
        api.POST("/api/v2/time-off/{id}/decline", {
          params: { path: { id: one.id } },
          body: { reason: reason ?? "" },
        }),
      ).then(changed),
  });
  const canceling = (one: TimeOff): Why => ({
    title: "Cancel time off",
    about: `${technician.name}, ${days(one)}: they are at work again.`,
    verb: "Cancel time off",
    look: "danger",
    needed: false,
    do: (reason) =>
      ask(
        api.POST("/api/v2/time-off/{id}/cancel", { params: { path: { id: one.id } }, body: { reason } }),
      ).then(changed),
  });

  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  return (
    <Pane
      title="Time off"
      actions={
        may("time-off:write") && (
          <Button onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-3.5" /> Add time off
          </Button>
        )
      }
    >
      {asked.isPending && <Skeleton rows={2} label="Reading time off" />}
      {asked.data?.length === 0 && <p className="text-muted">No time off was asked for.</p>}
      <ul className="-my-2 empty:hidden">
        {asked.data?.map((one) => (
          <li
            key={one.id}
            className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b py-1.5 last:border-0"
          >
            <span className="tabular font-medium">{days(one)}</span>
            <span>{words(one.kind)}</span>
            <Status status={one.status} />
            {(one.note || one.decision_reason) && (
              <span className="min-w-0 text-muted">
                {[one.note, one.decision_reason].filter(Boolean).join(" · ")}
              </span>
            )}
            <span className="ml-auto flex gap-2">
              {one.allowed_transitions.includes("approve") && (
                <Button onClick={() => void approve(one)}>Approve</Button>
              )}
              {one.allowed_transitions.includes("decline") && (
                <Button onClick={() => setWhy(declining(one))}>Decline…</Button>
              )}
              {one.allowed_transitions.includes("cancel") && (
                <Button look="plain" onClick={() => setWhy(canceling(one))}>
                  Cancel…
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {adding && <Add technician={technician} onClose={() => setAdding(false)} />}
      {why && <AskWhy why={why} onClose={() => setWhy(null)} />}
    </Pane>
  );
}

function Add({ technician, onClose }: { technician: Technician; onClose: () => void }) {
  const keyOf = useKeys();
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: { kind: "vacation", first_day: "", last_day: "", start_time: "", end_time: "", note: "" },
    send: async (entered) => {
      const body = { ...entered, technician_id: technician.id };
      await ask(api.POST("/api/v2/time-off", { body, headers: keyOf(body) }));
      await timeChanged(technician.id);
      onClose();
    },
  });
  const { bind } = editing;
  return (
    <EditingLayer
      editing={editing}
      onClose={onClose}
      title={`Time off of ${technician.name}`}
      verb="Add time off"
    >
      <Select label="Kind" choices={KINDS} {...bind("kind")} />
      <div className="grid grid-cols-2 gap-3">
        <Field label="First day" type="date" {...bind("first_day")} />
        <Field label="Last day" type="date" hint="Nothing: one day." {...bind("last_day")} />
        <Field label="From" type="time" hint="Nothing: the whole day." {...bind("start_time")} />
        <Field label="Until" type="time" {...bind("end_time")} />
      </div>
      <Field label="Note" maxLength={200} {...bind("note")} />
    </EditingLayer>
  );
}
