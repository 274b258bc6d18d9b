/** What goes on in the background, as one watches it. */

import { useEffect, useRef } from "react";

const PAUSE = 1_500;

/** Ask again every second and a half while something goes on and somebody looks. */
export function useUntilDone(goesOn: boolean, again: () => void): void {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    if (!goesOn) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) latest.current();
    }, PAUSE);
    return () => clearInterval(timer);
  }, [goesOn]);
}

/** "1.2 MB" of bytes. */
export function bytes(length: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const place = Math.min(Math.floor(Math.log10(Math.max(length, 1)) / 3), units.length - 1);
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit: units[place] ?? "byte",
    unitDisplay: place ? "short" : "long",
    maximumFractionDigits: 1,
  }).format(length / 1000 ** place);
}
