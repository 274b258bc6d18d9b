/**
 * Names that are cut where their block ends. Done here and not by `overflow`: a clip in every block is composited by
 * itself in each frame that shows a change anywhere on the board.
 */

import { useBoard } from "./store";

/** As `.v-name` in board.css is set. */
const FONT = '600 12px "Inter"';
const MOST = 5_000;

const known = new Map<string, number>();
let paper: CanvasRenderingContext2D | null | undefined;

function wide(text: string): number {
  const before = known.get(text);
  if (before !== undefined) return before;
  paper ??= context();
  if (!paper) return text.length * 8;
  const width = paper.measureText(text).width;
  if (known.size >= MOST) known.clear();
  known.set(text, width);
  return width;
}

function context(): CanvasRenderingContext2D | null {
  const made = document.createElement("canvas").getContext("2d");
  if (made) made.font = `${FONT}, sans-serif`;
  // what was measured before the letters had come was measured with others
  if (made && !document.fonts.check(FONT)) {
    void document.fonts.load(FONT).then(() => {
      known.clear();
      useBoard.setState(({ lettered }) => ({ lettered: lettered + 1 }));
    });
  }
  return made;
}

/** As much of it as has room in so many pixels, with "…" where something is left out. */
export function cutTo(text: string, room: number): string {
  return shortened(text, room, wide);
}

/** The same, for letters that are as wide as `measure` says. */
export function shortened(text: string, room: number, measure: (text: string) => number): string {
  if (measure(text) <= room) return text;
  let [fits, not] = [0, text.length];
  while (not - fits > 1) {
    const middle = (fits + not) >> 1;
    if (measure(`${text.slice(0, middle).trimEnd()}…`) <= room) fits = middle;
    else not = middle;
  }
  return fits ? `${text.slice(0, fits).trimEnd()}…` : "";
}
