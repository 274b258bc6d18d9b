/** How long a mile is on the map. */

import { metresAPixel, type View } from "./shapes";

const MILE = 1609.344;
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const WIDEST = 110;

export function Scale({ view }: { view: View }) {
  const mile = MILE / metresAPixel(view);
  const miles = STEPS.findLast((one) => one * mile <= WIDEST) ?? 0.1;
  return (
    <p
      className="rounded-sm border-ink border-x border-b bg-surface/70 px-1 text-right text-ink text-sm leading-4"
      style={{ width: miles * mile }}
    >
      {miles} mi
    </p>
  );
}
