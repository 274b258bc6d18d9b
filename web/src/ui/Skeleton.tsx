/** The shape of what is coming, once it is worth saying: not in the first 150 ms. */

import { type ReactNode, useEffect, useState } from "react";
import { cx } from "./cx";

const PATIENCE = 150;

/** Its children, after a moment. */
export function Later({ children, after = PATIENCE }: { children: ReactNode; after?: number }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return due ? children : null;
}

/** One bar; give it the size of what it stands for. */
export function Bar({ className }: { className?: string }) {
  return <span aria-hidden className={cx("block h-3 animate-pulse rounded bg-line", className)} />;
}

const WIDTHS = ["w-3/5", "w-2/5", "w-1/2", "w-1/3"];

/** Rows of a list that is being read. */
export function Skeleton({ rows = 8, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <Later>
      <div role="status" aria-label={label}>
        {Array.from({ length: rows }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: bars have nothing else to be known by
          <div key={row} className="flex h-row items-center border-line border-b px-4">
            <Bar className={WIDTHS[row % WIDTHS.length] ?? ""} />
          </div>
        ))}
      </div>
    </Later>
  );
}
