/** One of a few. The browser's own list: every keyboard, phone and screen reader knows it. */

import { ChevronDown } from "lucide-react";
import type { SelectHTMLAttributes } from "react";
import { cx } from "./cx";
import { INPUT, Labelled, type LabelledProps } from "./Labelled";

export interface Choice<T extends string = string> {
  value: T;
  text: string;
}

export interface SelectProps
  extends SelectHTMLAttributes<HTMLSelectElement>,
    Omit<LabelledProps, "className"> {
  choices: readonly Choice[];
  /** What stands there while nothing is chosen; it can be chosen again. */
  none?: string;
}

export function Select({ label, hint, error, quiet, className, id, choices, none, ...rest }: SelectProps) {
  return (
    <Labelled {...{ label, hint, error, quiet, className, id }}>
      {(tied) => (
        <span className="relative block">
          <select
            // what is chosen may have been known before its words were: then it is shown once they come
            key={choices.length > 0 ? "some" : "none"}
            {...rest}
            {...tied}
            className={cx(INPUT, "appearance-none truncate pr-7")}
          >
            {none !== undefined && <option value="">{none}</option>}
            {choices.map(({ value, text }) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
          <ChevronDown
            aria-hidden
            className="pointer-events-none absolute top-1/2 right-2 size-3.5 -translate-y-1/2 text-muted"
          />
        </span>
      )}
    </Labelled>
  );
}
