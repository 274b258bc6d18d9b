/** The first who goes out, with the days and hours in which they work. */

import { useRef, useState } from "react";
import { api, ask, given } from "@/api/client";
import { useKeys } from "@/api/keys";
import { queries } from "@/api/queries";
import { useMe } from "@/identity/me";
import { WEEKDAY_WORDS, WEEKDAYS, type Weekday } from "@/technicians/days";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { dateIn } from "@/ui/wall";
import { useOrganisation } from "./steps";

export function TechnicianDialog({ onClose }: { onClose: () => void }) {
  const { me } = useMe();
  const keyOf = useKeys();
  const own = useOrganisation().data;
  const [days, setDays] = useState<readonly Weekday[]>(WEEKDAYS.slice(0, 5));
  // who was saved before their hours were refused is not made again
  const made = useRef<string | null>(null);

  const sending = useSubmit(["name", "phone", "start", "end"], async (form) => {
    const said = (name: string) => String(form.get(name)).trim();
    if (!made.current) {
      const body = { name: said("name"), active: true, ...given({ phone: said("phone") }) };
      made.current = (await ask(api.POST("/api/v2/technicians", { body, headers: keyOf(body) }))).id;
    }
    const body = {
      technician_id: made.current,
      name: "Weekdays",
      valid_from: dateIn(Date.now(), me?.time_zone ?? "UTC"),
      spans: days.map((weekday) => ({ weekday, start: said("start"), end: said("end") })),
    };
    await ask(api.POST("/api/v2/shifts", { body: body as never, headers: keyOf(body) }));
    void queries.invalidateQueries({ queryKey: ["technicians"] });
    onClose();
  });

  const toggle = (day: Weekday) =>
    setDays(WEEKDAYS.filter((one) => (one === day ? !days.includes(day) : days.includes(one))));
  const based = own?.base_latitude != null;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Who goes out"
      about="Yourself, if you do. More can be added under Technicians."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form="first-technician"
            busy={sending.busy}
            disabled={days.length === 0}
          >
            Add technician
          </Button>
        </>
      }
    >
      <form id="first-technician" {...sending.form} className="flex flex-col gap-3">
        <Field label="Name" name="name" required autoComplete="off" error={sending.fault("name")} />
        <Field
          label="Phone (optional)"
          name="phone"
          type="tel"
          autoComplete="off"
          error={sending.fault("phone")}
        />
        <fieldset>
          <legend className="font-medium">Works on</legend>
          <div className="flex flex-wrap gap-x-4">
            {WEEKDAYS.map((day) => (
              <Checkbox
                key={day}
                label={WEEKDAY_WORDS[day]}
                checked={days.includes(day)}
                onChange={() => toggle(day)}
              />
            ))}
          </div>
        </fieldset>
        <div className="grid grid-cols-2 gap-3">
          <Field
            label="From"
            name="start"
            type="time"
            required
            defaultValue="08:00"
            error={sending.fault("start")}
          />
          <Field
            label="To"
            name="end"
            type="time"
            required
            defaultValue="17:00"
            error={sending.fault("end")}
          />
        </div>
        <p className="text-muted">
          {based
            ? "Their day begins and ends at the company, until you say otherwise."
            : "Once the company's address is known, their day begins and ends there."}
        </p>
        <Wrong>{sending.beside}</Wrong>
      </form>
    </Dialog>
  );
}
