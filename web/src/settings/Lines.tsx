/** A list within a form: its lines, one more, one less. */

import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/ui/Button";

export function Lines({
  legend,
  hint,
  count,
  line,
  add,
  remove,
  adds,
  called,
  keys,
}: {
  legend: string;
  hint?: string;
  count: number;
  /** The fields of the line at this place. */
  line: (place: number) => ReactNode;
  add: () => void;
  remove: (place: number) => void;
  /** What the button that adds one says. */
  adds: string;
  /** What one line is, where it is taken away: "step 2". */
  called: string;
  keys: readonly string[];
}) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 font-medium">{legend}</legend>
      {hint && <p className="text-muted text-sm">{hint}</p>}
      {Array.from({ length: count }, (_, place) => (
        <div key={keys[place] ?? place} className="flex items-start gap-2 rounded-md border border-line p-2">
          <div className="min-w-0 flex-1">{line(place)}</div>
          <Button
            look="plain"
            aria-label={`Take ${called} ${place + 1} away`}
            className="w-control px-0!"
            onClick={() => remove(place)}
          >
            <X aria-hidden className="size-4" />
          </Button>
        </div>
      ))}
      <Button className="self-start" onClick={add}>
        <Plus aria-hidden className="size-3.5" /> {adds}
      </Button>
    </fieldset>
  );
}
