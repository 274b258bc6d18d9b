/** A window's time as a bar: sold, promised without anybody, held, kept back; what is left is empty. Each number
 * stands in words beside it. */

import { cx } from "@/ui/cx";
import type { Figure, Window } from "./figures";

export const LOOKS = {
  sold: "fill-accent",
  shadows: "fill-(--s-incomplete)",
  held: "fill-(--s-dispatched)",
  reserved: "fill-line-strong",
} as const satisfies Partial<Record<Figure, string>>;

const PARTS = Object.keys(LOOKS) as (keyof typeof LOOKS)[];

export function Bar({ of, className }: { of: Window; className?: string }) {
  const whole = Math.max(of.available, of.sold + of.shadows + of.held + of.reserved, 1);
  let from = 0;
  return (
    <svg
      aria-hidden
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      className={cx("block h-1.5 w-full rounded-full bg-sunken", className)}
    >
      {PARTS.map((part) => {
        const width = (of[part] * 100) / whole;
        const x = from;
        from += width;
        return width > 0 && <rect key={part} x={x} y={0} width={width} height={4} className={LOOKS[part]} />;
      })}
    </svg>
  );
}

/** What a colour of the bar stands for. */
export function Swatch({ of }: { of: Figure }) {
  const look = (LOOKS as Partial<Record<Figure, string>>)[of];
  return (
    <svg aria-hidden viewBox="0 0 10 10" className="size-2.5 shrink-0 rounded-sm">
      <rect width={10} height={10} className={look ?? "fill-transparent"} />
    </svg>
  );
}
