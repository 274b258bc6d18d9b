/** Work that takes days: a part on each of them, at the same hours by the clock at the site, with the same people. */

import { useEffect } from "react";
import { create } from "zustand";
import { api, askAll, type Schemas, seen } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import * as clock from "./clock";
import { at } from "./picture";
import { dayOfPlan, hoursOf, send } from "./promising";
import { serverNow, useBoard } from "./store";
import { versionOf } from "./turns";

type Visit = Schemas["VisitOut"];
type Weekday = Schemas["DayParts"]["weekdays"] extends (infer One)[] | undefined ? One : never;

const useLong = create<{ visit: Visit | null }>()(() => ({ visit: null }));

/** Ask on which days it goes on. */
export const overDays = (visit: Visit): void => useLong.setState({ visit });

const MOST = 14;
const WEEK: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WORKED = [
  { value: "5", text: "Monday to Friday" },
  { value: "6", text: "Monday to Saturday" },
  { value: "7", text: "Every day" },
];
const NAMES = ["first_day", "days", "until", "weekdays", "start_local", "end_local"];

export function OverDays() {
  const visit = useLong((one) => one.visit);
  const zone = useBoard((shown) => shown.picture?.meta.time_zone);
  useEffect(() => () => useLong.setState({ visit: null }), []);
  if (!visit?.planned_start || !visit.planned_end || !zone) return null;
  const hours = hoursOf(at(visit.planned_start), at(visit.planned_end), visit.time_zone);
  const close = () => useLong.setState({ visit: null });
  return <Which key={visit.id} visit={visit} hours={hours} board={zone} onClose={close} />;
}

interface Props {
  visit: Visit;
  hours: { from: string; to: string };
  board: string;
  onClose: () => void;
}

function Which({ visit, hours, board, onClose }: Props) {
  const keyOf = useKeys();
  const day = dayOfPlan(visit, serverNow());
  // Monday is 0, as everywhere where weeks begin with it
  const onWeekend = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  const form = useSubmit(NAMES, async (entered) => {
    const said = (name: string) => String(entered.get(name));
    const body: Schemas["DayParts"] = {
      first_day: said("first_day"),
      days: Number(said("days")),
      weekdays: WEEK.slice(0, Number(said("weekdays"))),
      start_local: said("start_local"),
      end_local: said("end_local"),
    };
    await send(
      visit,
      (override) => {
        const whole = override ? { ...body, override } : body;
        return askAll(
          api.POST("/api/v2/visits/{id}/day-parts", {
            params: { path: { id: visit.id }, header: seen(versionOf(visit)) },
            headers: keyOf(whole),
            body: whole,
          }),
        );
      },
      (now) => `${now.customer.name} is planned on ${body.days} days.`,
    );
    onClose();
  });
  const site = clock.named(at(visit.planned_start as string), visit.time_zone, board);
  const who = visit.assignments.map((one) => one.name).join(", ");
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${visit.customer.name}, over several days`}
      about={`${visit.work_order.number}. A part on each day with ${who}: all days are booked, or none.`}
      actions={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button look="primary" type="submit" form="over-days" busy={form.busy}>
            Plan the days
          </Button>
        </>
      }
    >
      <form id="over-days" className="grid grid-cols-2 gap-3" {...form.form}>
        <Field
          label="First day"
          name="first_day"
          type="date"
          required
          defaultValue={day}
          error={form.fault("first_day")}
        />
        <Field
          label="How many days"
          name="days"
          type="number"
          autoFocus
          required
          min={2}
          max={MOST}
          defaultValue={2}
          error={form.fault("days") ?? form.fault("until")}
        />
        <Select
          className="col-span-2"
          label="Days with work"
          name="weekdays"
          choices={WORKED}
          defaultValue={String(Math.max(5, onWeekend + 1))}
          error={form.fault("weekdays")}
        />
        <Field
          label="From"
          name="start_local"
          type="time"
          required
          defaultValue={hours.from}
          hint={site ? `By the clock at the site,${site}.` : undefined}
          error={form.fault("start_local")}
        />
        <Field
          label="To"
          name="end_local"
          type="time"
          required
          defaultValue={hours.to}
          error={form.fault("end_local")}
        />
        {form.beside && (
          <div className="col-span-2">
            <Wrong>{form.beside}</Wrong>
          </div>
        )}
      </form>
    </Dialog>
  );
}
