/** The breaks of one line of a shift. One with a second time begins anywhere between the two. */

import { Plus, X } from "lucide-react";
import { useFieldArray } from "react-hook-form";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import type { useEditing } from "@/ui/useEditing";
import { type Entered, MOST_BREAKS, NOON, type Typed } from "./shiftEntry";

interface Props {
  editing: ReturnType<typeof useEditing<Typed, Entered>>;
  /** Of the line, counted from nought. */
  place: number;
}

export function Breaks({ editing: { bind, form }, place }: Props) {
  const breaks = useFieldArray({ control: form.control, name: `spans.${place}.breaks` });
  const ofLine = `of line ${place + 1}`;
  return (
    <div className="flex flex-col gap-1 pt-1 pl-3">
      {breaks.fields.map((one, number) => {
        const name = `spans.${place}.breaks.${number}` as const;
        const which = `break ${number + 1} ${ofLine}`;
        return (
          <div key={one.id} className="flex flex-wrap items-start gap-x-1.5 gap-y-1">
            <Field
              label={`Minutes of ${which}`}
              quiet
              className="w-12"
              inputMode="numeric"
              {...bind(`${name}.minutes`)}
            />
            <span aria-hidden className="leading-(--control) text-muted">
              min, from
            </span>
            <Field
              label={`Start of ${which}`}
              quiet
              type="time"
              className="w-28"
              {...bind(`${name}.start`)}
            />
            <span aria-hidden className="leading-(--control) text-muted">
              –
            </span>
            <Field
              label={`Latest start of ${which} (optional)`}
              quiet
              type="time"
              className="w-28"
              {...bind(`${name}.latest`)}
            />
            <Button
              look="plain"
              aria-label={`Take ${which} away`}
              className="w-control px-0!"
              onClick={() => breaks.remove(number)}
            >
              <X aria-hidden className="size-4" />
            </Button>
          </div>
        );
      })}
      {breaks.fields.length < MOST_BREAKS && (
        <Button
          look="plain"
          className="self-start px-1! font-normal! text-muted!"
          onClick={() => breaks.append(NOON)}
        >
          <Plus aria-hidden className="size-3.5" /> Break
          <span className="sr-only">{ofLine}</span>
        </Button>
      )}
    </div>
  );
}
