/** Blocks that flash, as somebody else has just changed what they show. The mark is put on and taken off, not animated:
 * an animation has the page drawn sixty times a second. It is taken off together with the next change that is drawn. */

const SHORTEST = 600;
const LONGEST = 1_500;

const lit = new Map<HTMLElement, number>();
let waiting = false;

/** Light it for what changed at that moment; what is drawn again much later does not flash for it again. */
export function flash(block: HTMLElement, at: number): void {
  if (performance.now() - at > SHORTEST) return;
  block.dataset.flash = "true";
  lit.set(block, performance.now());
  if (!waiting) setTimeout(last, LONGEST);
  waiting = true;
}

/** Something is drawn anew in any case: those that have flashed long enough go with it. */
export function fade(): void {
  const now = performance.now();
  for (const [block, since] of lit) {
    if (now - since < SHORTEST) continue;
    delete block.dataset.flash;
    lit.delete(block);
  }
}

function last(): void {
  fade();
  waiting = lit.size > 0;
  if (waiting) setTimeout(last, LONGEST - SHORTEST);
}
