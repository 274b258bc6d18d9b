/** Promise a visit a window: one that is offered on that day or any other, and how the customer heard of it. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { create } from "zustand";
import type { Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { useSubmit } from "@/ui/useSubmit";
import * as clock from "./clock";
import { HowAndWhy, howOf } from "./How";
import { at } from "./picture";
import { dayOfPlan, type Hours, hoursOf, offeredOn, promise, suiting, wallsOf } from "./promising";
import { serverNow, useBoard } from "./store";
import { VIA } from "./words";

type Visit = Schemas["VisitOut"];

const usePromised = create<{ visit: Visit | null }>()(() => ({ visit: null }));

/** Ask what its customer is told. */
export const promiseTo = (visit: Visit): void => usePromised.setState({ visit });

export function Promising() {
  const visit = usePromised((one) => one.visit);
  const zone = useBoard((shown) => shown.picture?.meta.time_zone);
  useEffect(() => () => usePromised.setState({ visit: null }), []);
  if (!visit || !zone) return null;
  return (
    <Which key={visit.id} visit={visit} board={zone} onClose={() => usePromised.setState({ visit: null })} />
  );
}

const NAMES = [
  "window_start",
  "window_start_local",
  "window_end",
  "window_end_local",
  "told_via",
  "told_to",
  "reason",
];

function Which({ visit, board, onClose }: { visit: Visit; board: string; onClose: () => void }) {
  const zone = visit.time_zone;
  const [day, setDay] = useState(() => dayOfPlan(visit, serverNow()));
  const [typed, setTyped] = useState<Partial<Hours>>({});
  const offered = useQuery({ ...offeredOn(visit, day), enabled: day !== "" });
  const windows = (offered.data ?? []).map((one) => hoursOf(at(one.start), at(one.end), zone));
  const suits = day && !offered.isLoading ? suiting(visit, day, offered.data ?? []) : null;
  const hours = { from: typed.from ?? suits?.from ?? "", to: typed.to ?? suits?.to ?? "" };
  const keyOf = useKeys();
  const form = useSubmit(NAMES, async (entered) => {
    await promise(visit, { ...wallsOf(day, hours), ...howOf(entered) }, keyOf);
    onClose();
  });
  const first = clock.named(at(visit.planned_start ?? new Date(serverNow()).toISOString()), zone, board);
  const chosen = windows.findIndex((one) => one.from === hours.from && one.to === hours.to);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Promise ${visit.customer.name}`}
      about={<About visit={visit} board={board} />}
      actions={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button look="primary" type="submit" form="promise" busy={form.busy}>
            Promise it
          </Button>
        </>
      }
    >
      <form id="promise" className="grid grid-cols-2 gap-3" {...form.form}>
        <Field
          label="Day"
          type="date"
          autoFocus
          required
          value={day}
          onChange={(event) => {
            setDay(event.target.value);
            setTyped({});
          }}
        />
        <Select
          label="Window"
          none={windows.length ? "Other times" : offered.isLoading ? "Reading…" : "None is offered then"}
          choices={(offered.data ?? []).map((one, place) => ({
            value: String(place),
            text: clock.span(at(one.start), at(one.end), zone),
          }))}
          value={chosen < 0 ? "" : String(chosen)}
          error={offered.error ? "What is offered could not be read. Type the times." : undefined}
          onChange={(event) => setTyped(windows[Number(event.target.value || -1)] ?? { from: "", to: "" })}
        />
        <Field
          label="From"
          type="time"
          required
          value={hours.from}
          hint={first ? `By the clock at the site,${first}.` : undefined}
          error={form.fault("window_start") ?? form.fault("window_start_local")}
          onChange={(event) => setTyped({ ...hours, from: event.target.value })}
        />
        <Field
          label="To"
          type="time"
          required
          value={hours.to}
          hint={hours.from && hours.to && hours.to <= hours.from ? "On the next day." : undefined}
          error={form.fault("window_end") ?? form.fault("window_end_local")}
          onChange={(event) => setTyped({ ...hours, to: event.target.value })}
        />
        <HowAndWhy form={form} />
      </form>
    </Dialog>
  );
}

/** What stands now: what was promised and how, and what is planned. */
function About({ visit, board }: { visit: Visit; board: string }) {
  const { promise: stands, planned_start: plan, time_zone: zone } = visit;
  const promised = stands
    ? ` Promised ${clock.told(at(stands.window_start), at(stands.window_end), zone, board)}, ${VIA[stands.told_via]}.`
    : " Nothing is promised.";
  const planned = plan
    ? ` Planned ${clock.day(at(plan), zone)}, ${clock.time(at(plan), zone)}${clock.named(at(plan), zone, board)}.`
    : "";
  return `${visit.work_order.number}, ${visit.job_type.name}.${promised}${planned}`;
}
