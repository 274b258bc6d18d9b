/** How one likes the board: how many hours at once, from which on, and what a visit says. */

import { SlidersHorizontal } from "lucide-react";
import { Popover } from "radix-ui";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { Select } from "@/ui/Select";
import { FIELDS, MOST } from "./facts";
import { like, USUAL, useSettings } from "./settings";

const HOURS = [4, 6, 8, 10, 12, 16, 24].map((one) => ({ value: String(one), text: `${one} hours` }));
const hourWords = new Intl.DateTimeFormat(undefined, { hour: "numeric", timeZone: "UTC" });
const FIRST = Array.from({ length: 24 }, (_, hour) => ({
  value: String(hour),
  text: hourWords.format(hour * 3_600_000),
}));

export function Settings() {
  const { hours, first_hour: first, fields } = useSettings();
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button aria-label="Board settings" title="Board settings" className="w-control px-0!">
          <SlidersHorizontal size={15} aria-hidden />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Board settings"
          className="z-50 flex w-72 flex-col gap-3 rounded-md border border-line bg-raised p-3 shadow-float"
        >
          <div className="grid grid-cols-2 gap-3">
            <Select
              label="In sight"
              value={String(hours)}
              choices={
                HOURS.some((one) => one.value === String(hours))
                  ? HOURS
                  : [...HOURS, { value: String(hours), text: `${hours} hours` }]
              }
              onChange={(event) => like({ hours: Number(event.target.value) })}
            />
            <Select
              label="Begins at"
              none="First work"
              value={first === null ? "" : String(first)}
              choices={FIRST}
              onChange={(event) =>
                like({ first_hour: event.target.value === "" ? null : Number(event.target.value) })
              }
            />
          </div>
          <fieldset>
            <legend className="mb-1 font-medium">A visit says, beside the customer</legend>
            {FIELDS.map(({ value, text }) => (
              <Checkbox
                key={value}
                label={text}
                checked={fields.includes(value)}
                disabled={!fields.includes(value) && fields.length >= MOST}
                onChange={(event) =>
                  like({
                    fields: event.target.checked ? [...fields, value] : fields.filter((one) => one !== value),
                  })
                }
              />
            ))}
            <p className="mt-1 text-muted text-sm">
              Up to {MOST}, in the order in which you choose them, as far as there is room.
            </p>
          </fieldset>
          <Button
            look="plain"
            className="self-start"
            onClick={() => like({ hours: USUAL.hours, first_hour: null, fields: USUAL.fields })}
          >
            As usual
          </Button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
