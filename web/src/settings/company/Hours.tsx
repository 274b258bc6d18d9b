/** When the company works: shown for who has no shift of their own, and by what windows are offered. */

import { Controller } from "react-hook-form";
import { z } from "zod";
import { Pane } from "@/ui/Page";
import { WeekHours } from "../time/WeekHours";
import { Hours as Week } from "../time/week";
import { type Organisation, OrganisationPart } from "./organisation";

const Entered = z.object({ working_hours: Week });
type Entered = z.output<typeof Entered>;

const typed = (of: Organisation): Entered => ({ working_hours: of.working_hours });

export default function Hours() {
  return (
    <OrganisationPart<Entered, Entered>
      title="Working hours"
      about="When you work, on the clock where the work is. A branch may have hours of its own."
      schema={Entered}
      typed={typed}
      fields={({ form, wrong }) => (
        <Pane title="The company's week">
          <Controller
            control={form.control}
            name="working_hours"
            render={({ field }) => (
              <WeekHours
                label="Hours of each day"
                hint="Technicians' own shifts stand before these. A day without hours is free."
                value={field.value}
                onChange={field.onChange}
                error={wrong("working_hours")}
              />
            )}
          />
        </Pane>
      )}
    />
  );
}
