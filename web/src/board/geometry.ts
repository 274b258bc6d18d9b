/**
 * Where something stands on a day: times as pixels, lanes as heights, and back. Pure; times are milliseconds.
 *
 * What is always true: `timeAt(axis, xOf(axis, t))` is `t`, and the lane found at a height is the one whose
 * span holds it.
 */

export interface Axis {
  start: number;
  end: number;
  /** Pixels an hour. */
  hour: number;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const xOf = (axis: Axis, at: number): number => ((at - axis.start) / HOUR) * axis.hour;

export const timeAt = (axis: Axis, x: number): number => axis.start + (x / axis.hour) * HOUR;

export const widthOf = (axis: Axis): number => xOf(axis, axis.end);

/** The nearest quarter of an hour, or other step. */
export const snapped = (at: number, step = 15 * MINUTE): number => Math.round(at / step) * step;

/** Whole hours of the axis by a clock, of which `minuteAt` is the minute that it shows: in many zones it is not that
 * of UTC. A day on which clocks are changed has 23 or 25, or on an island another half. */
export function hoursOf(axis: Axis, minuteAt: (at: number) => number): number[] {
  const found: number[] = [];
  for (let at = axis.start; at < axis.end; at += HOUR) {
    const past = minuteAt(at);
    if (past) at += (60 - past) * MINUTE;
    if (at < axis.end) found.push(at);
  }
  return found;
}

/** Which span a height lies in, by where each begins; the first or the last where it lies outside. */
export function spanAt(starts: readonly number[], at: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

export interface Spanned {
  id: string;
  start: number;
  end: number;
}

export interface Packed extends Spanned {
  track: number;
}

/** Each in the first track where nothing is in its way; in order of their starts. */
export function packed(items: readonly Spanned[]): { items: Packed[]; tracks: number } {
  const ends: number[] = [];
  const sorted = [...items].sort((a, b) => a.start - b.start || a.end - b.end || (a.id < b.id ? -1 : 1));
  const found = sorted.map((one) => {
    let track = ends.findIndex((end) => end <= one.start);
    if (track < 0) track = ends.length;
    ends[track] = one.end;
    return { ...one, track };
  });
  return { items: found, tracks: Math.max(1, ends.length) };
}

/** The longest piece of a stretch on which nothing lies; what lies there comes in order of its starts. */
export function uncovered(
  start: number,
  end: number,
  above: readonly Omit<Spanned, "id">[],
): [number, number] {
  let longest: [number, number] = [start, start];
  let from = start;
  for (const one of [...above, { start: end, end }]) {
    const to = Math.min(one.start, end);
    if (to - from > longest[1] - longest[0]) longest = [from, to];
    from = Math.max(from, one.end);
  }
  return longest;
}
