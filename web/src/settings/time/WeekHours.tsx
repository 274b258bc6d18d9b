/** The hours of a week: each day has its spans, or is free. */

import { Plus, X } from "lucide-react";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { DAYS, type Day, LONG, type Week } from "./week";

export function WeekHours({
  label,
  value,
  onChange,
  hint,
  error,
}: {
  label: string;
  value: Week;
  onChange: (value: Week) => void;
  hint?: string;
  error?: string | undefined;
}) {
  const put = (day: Day, spans: string[][]) => {
    const { [day]: _, ...rest } = value;
    onChange(spans.length > 0 ? { ...rest, [day]: spans } : rest);
  };
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 font-medium">{label}</legend>
      {hint && <p className="mb-1 text-muted text-sm">{hint}</p>}
      <ul className="rounded-md border border-line">
        {DAYS.map(({ value: day, text }) => {
          const spans = value[day] ?? [];
          return (
            <li
              key={day}
              className="grid grid-cols-[40px_minmax(0,1fr)_auto] items-start gap-x-2 gap-y-1 border-line border-b px-2 py-1.5 last:border-0 max-sm:grid-cols-[minmax(0,1fr)_auto]"
            >
              <span className="pt-1 font-medium pointer-coarse:pt-3">{text}</span>
              <div className="flex min-w-0 flex-col gap-1.5 max-sm:col-span-2 max-sm:row-start-2">
                {spans.length === 0 && <span className="pt-1 text-muted">Free</span>}
                {spans.map(([from = "", to = ""], place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: spans have no name but their place
                  <div key={place} className="flex items-center gap-1.5">
                    {[from, to].map((time, end) => (
                      <Field
                        // biome-ignore lint/suspicious/noArrayIndexKey: begin and end
                        key={end}
                        quiet
                        className="w-30 max-sm:w-auto max-sm:flex-1"
                        type="time"
                        label={`${LONG[day]} ${end ? "until" : "from"}${place ? `, span ${place + 1}` : ""}`}
                        value={time}
                        onChange={(event) =>
                          put(
                            day,
                            spans.map((span, other) =>
                              other === place
                                ? [end ? from : event.target.value, end ? event.target.value : to]
                                : span,
                            ),
                          )
                        }
                      />
                    ))}
                    <Button
                      look="plain"
                      className="w-control px-0!"
                      aria-label={`Take ${LONG[day]}'s ${place ? `span ${place + 1}` : "hours"} away`}
                      onClick={() =>
                        put(
                          day,
                          spans.filter((_, other) => other !== place),
                        )
                      }
                    >
                      <X aria-hidden className="size-4" />
                    </Button>
                  </div>
                ))}
              </div>
              <Button
                look="plain"
                className="w-control px-0!"
                aria-label={spans.length ? `Another span on ${LONG[day]}` : `Work on ${LONG[day]}`}
                onClick={() =>
                  put(day, [...spans, spans.length ? [spans.at(-1)?.[1] ?? "", ""] : ["08:00", "17:00"]])
                }
              >
                <Plus aria-hidden className="size-4" />
              </Button>
            </li>
          );
        })}
      </ul>
      {error && (
        <p role="alert" className="mt-1 text-danger text-sm">
          {error}
        </p>
      )}
    </fieldset>
  );
}
