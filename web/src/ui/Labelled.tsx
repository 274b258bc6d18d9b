/** What stands around a control of a form: its name above, a hint and what is wrong with it below. */

import { type ReactNode, useId } from "react";
import { cx } from "./cx";

export const INPUT =
  "h-control w-full rounded-md border border-line-strong bg-surface px-2 text-ink placeholder:text-muted " +
  "aria-invalid:border-danger disabled:bg-sunken disabled:text-muted";

export interface LabelledProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** The label is there for those who hear it, and not to be seen: where the place says what it is. */
  quiet?: boolean | undefined;
  className?: string | undefined;
}

/** Ids and attributes that tie a control to what stands around it. */
export interface Tied {
  id: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
}

export function Labelled({
  label,
  hint,
  error,
  quiet,
  className,
  id,
  children,
}: LabelledProps & { id?: string | undefined; children: (tied: Tied) => ReactNode }) {
  const made = useId();
  const key = id ?? made;
  const said = [error && `${key}-error`, hint && `${key}-hint`].filter(Boolean).join(" ");
  return (
    <div className={cx("flex min-w-0 flex-col gap-1", className)}>
      <label htmlFor={key} className={quiet ? "sr-only" : "font-medium"}>
        {label}
      </label>
      {children({ id: key, "aria-invalid": error ? true : undefined, "aria-describedby": said || undefined })}
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
