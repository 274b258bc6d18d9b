/** Yes or no, with the words beside it. */

import { type InputHTMLAttributes, type ReactNode, useId } from "react";
import { cx } from "./cx";

export interface CheckboxProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "type"> {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
}

export const TICK = "size-4 shrink-0 accent-(--accent)";

export function Checkbox({ label, hint, error, className, id, ...rest }: CheckboxProps) {
  const made = useId();
  const key = id ?? made;
  const said = [error && `${key}-error`, hint && `${key}-hint`].filter(Boolean).join(" ");
  return (
    <div className={cx("flex flex-col gap-1", className)}>
      <label htmlFor={key} className="flex min-h-6 items-center gap-2 pointer-coarse:min-h-11">
        <input
          {...rest}
          type="checkbox"
          id={key}
          className={TICK}
          aria-invalid={error ? true : undefined}
          aria-describedby={said || undefined}
        />
        <span>{label}</span>
      </label>
      {hint && (
        <p id={`${key}-hint`} className="ml-6 text-muted text-sm">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${key}-error`} className="ml-6 text-danger text-sm">
          {error}
        </p>
      )}
    </div>
  );
}
