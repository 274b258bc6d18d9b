/** A labelled input with its hint and what is wrong with it; the error names the field and the fix. */

import { type InputHTMLAttributes, type ReactNode, useId } from "react";
import { cx } from "./cx";

export const INPUT =
  "h-control w-full rounded-md border border-line-strong bg-surface px-2 text-ink placeholder:text-muted " +
  "aria-invalid:border-danger disabled:bg-sunken";

export interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

export function Field({ label, hint, error, className, id, ...rest }: FieldProps) {
  const made = useId();
  const key = id ?? made;
  const said = [error && `${key}-error`, hint && `${key}-hint`].filter(Boolean).join(" ");
  return (
    <div className={cx("flex flex-col gap-1", className)}>
      <label htmlFor={key} className="font-medium">
        {label}
      </label>
      <input
        {...rest}
        id={key}
        className={INPUT}
        aria-invalid={error ? true : undefined}
        aria-describedby={said || undefined}
      />
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
    </div>
  );
}
