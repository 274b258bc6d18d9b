/** What one presses. One `primary` on a screen; `plain` has no border until it is pointed at. */

import { Slot } from "radix-ui";
import type { ButtonHTMLAttributes } from "react";
import { cx } from "./cx";

export type Look = "primary" | "normal" | "plain" | "danger";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong border-transparent",
  normal: "bg-surface text-ink border-line hover:bg-sunken",
  plain: "border-transparent text-ink hover:bg-sunken",
  danger: "bg-surface text-danger border-line hover:bg-danger-wash",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  /** While what it began goes on: it says so and cannot be pressed again. */
  busy?: boolean;
  /** Its only child is what is pressed, such as a link. */
  asChild?: boolean;
}

export function Button({ look = "normal", busy, asChild, className, disabled, ...rest }: ButtonProps) {
  const Element = asChild ? Slot.Root : "button";
  return (
    <Element
      {...(asChild ? {} : { type: rest.type ?? "button" })}
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={cx(
        "inline-flex h-control items-center justify-center gap-1.5 whitespace-nowrap rounded-md border px-2.5 font-medium",
        "disabled:opacity-55 aria-busy:cursor-progress",
        LOOKS[look],
        className,
      )}
    />
  );
}
