/** Any number of a few things that can be named, as boxes to tick. */

import { useId } from "react";
import { Checkbox } from "./Checkbox";
import { cx } from "./cx";
import type { Choice } from "./Select";

export function Choices({
  label,
  choices,
  value,
  onChange,
  hint,
  error,
  nothing,
  row,
  disabled,
}: {
  label: string;
  choices: readonly Choice[];
  value: readonly string[];
  onChange: (value: string[]) => void;
  hint?: string;
  error?: string | undefined;
  /** What is said where there is nothing to choose. */
  nothing?: string;
  /** Beside one another, where words are short. */
  row?: boolean;
  disabled?: boolean;
}) {
  const key = useId();
  const said = [error && `${key}-error`, hint && `${key}-hint`].filter(Boolean).join(" ");
  return (
    <fieldset className="min-w-0" aria-describedby={said || undefined} disabled={disabled}>
      <legend className="mb-1 font-medium">{label}</legend>
      {choices.length === 0 && nothing && <p className="text-muted">{nothing}</p>}
      <div className={cx("flex", row ? "flex-row flex-wrap gap-x-4 gap-y-1" : "flex-col")}>
        {choices.map((one) => (
          <Checkbox
            key={one.value}
            label={one.text}
            checked={value.includes(one.value)}
            onChange={(event) =>
              onChange(
                event.target.checked ? [...value, one.value] : value.filter((other) => other !== one.value),
              )
            }
          />
        ))}
      </div>
      {hint && (
        <p id={`${key}-hint`} className="text-muted text-sm">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${key}-error`} className="text-danger text-sm">
          {error}
        </p>
      )}
    </fieldset>
  );
}
