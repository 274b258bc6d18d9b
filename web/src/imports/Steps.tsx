/** How far a list is on its way in. */

import { Check } from "lucide-react";
import { cx } from "@/ui/cx";

const STEPS = ["File", "Columns", "Check", "Done"];

export function Steps({ at }: { at: number }) {
  return (
    <ol
      aria-label="Steps"
      className="flex h-10 shrink-0 items-center gap-5 border-line border-b bg-surface px-4 max-sm:gap-3"
    >
      {STEPS.map((step, place) => (
        <li
          key={step}
          aria-current={place === at ? "step" : undefined}
          className={cx("flex items-center gap-1.5", place === at ? "font-semibold text-ink" : "text-muted")}
        >
          <span
            aria-hidden
            className={cx(
              "tabular grid size-5 place-items-center rounded-full text-sm",
              place === at ? "bg-accent text-on-accent" : "bg-sunken",
            )}
          >
            {place < at ? <Check className="size-3" /> : place + 1}
          </span>
          {step}
        </li>
      ))}
    </ol>
  );
}
