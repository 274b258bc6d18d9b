/** What the board shows now. Rows, blocks and the head each listen to their own part of it. */

import { create } from "zustand";
import type { Cell, Picture, Row } from "./picture";

/** A visit and the lane on which it is looked at. */
export interface Place {
  id: string;
  lane: string;
}

interface Shown {
  picture: Picture | null;
  error: Error | null;
  /** The visit that the keyboard is on, and the one whose card is open. */
  focus: Place | null;
  open: string | null;
  /** How often a visit was brought into sight: what stands beside it goes along. */
  placed: number;
  /** How often the letters in which names are measured became others. */
  lettered: number;
  /** Visits that somebody else has just changed, and when: each flashes once. */
  flashes: Record<string, number>;
  /** Visits whose drop the server has not answered yet. */
  waiting: Record<string, true>;
  /** The visit for which another is being chosen, to change places with it. */
  swapping: Cell | null;
}

export const EMPTY: Shown = {
  picture: null,
  error: null,
  focus: null,
  open: null,
  placed: 0,
  lettered: 0,
  flashes: {},
  waiting: {},
  swapping: null,
};

export const useBoard = create<Shown>()(() => EMPTY);

export const useCell = (id: string): Cell | undefined => useBoard((shown) => shown.picture?.cells[id]);
export const useRow = (id: string): Row | undefined => useBoard((shown) => shown.picture?.rows[id]);

/** The picture; only where there is one. */
export function pictured(): Picture {
  const { picture } = useBoard.getState();
  if (!picture) throw new Error("there is no board yet");
  return picture;
}

/** The moment it is by the server's clock: this computer's, unless the two differ by more than the server tells. */
export const serverNow = (): number => Date.now() + skew;
let skew = 0;

const TOLD = 60_000;

/** Note the server's clock, as a reply told it: to the minute, so any moment within it is right. */
export function noteClock(minute: number): void {
  const here = Date.now();
  skew = Math.min(Math.max(here, minute), minute + TOLD) - here;
}
