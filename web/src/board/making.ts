/**
 * Work orders that get their visit when they are put on the board. Each gets one: dropped or given again before the
 * tray was read anew, or after a lost reply, it is sent with the same key, and the server answers with the same visit.
 */

import { create } from "zustand";

const MARK = "new:";

/** What stands for the visit of a work order that has none yet. */
export const unmade = (workOrderId: string): string => MARK + workOrderId;

/** Whether there is no visit yet: the id only stands for one. */
export const isUnmade = (id: string): boolean => id.startsWith(MARK);

interface Making {
  key: string;
  /** When the server said that it is there. */
  answered: number | null;
}

/** By work order: what is being made, or was made and may still stand in the tray. */
export const useMaking = create<Record<string, Making>>()(() => ({}));

/** The key under which a work order's visit is made. */
export function keyOf(workOrderId: string): string {
  const known = useMaking.getState()[workOrderId] ?? { key: crypto.randomUUID(), answered: null };
  useMaking.setState({ [workOrderId]: known });
  return known.key;
}

/** The server has made it. */
export function isMade(workOrderId: string, now: number = Date.now()): void {
  const known = useMaking.getState()[workOrderId];
  if (known) useMaking.setState({ [workOrderId]: { ...known, answered: now } });
}

/** The server will not make it, and said so: another try is another intention. */
export function isRefused(workOrderId: string): void {
  const { [workOrderId]: _, ...rest } = useMaking.getState();
  useMaking.setState(rest, true);
}

/** So old may a list be that was asked for before, and answered after. */
const LATE = 2_000;

/** The tray was read at this moment: whoever stands there now needs a visit, whatever was made before. */
export function trayRead(readAt: number): void {
  const all = useMaking.getState();
  const left = Object.entries(all).filter(([, one]) => one.answered === null || one.answered + LATE > readAt);
  if (left.length < Object.keys(all).length) useMaking.setState(Object.fromEntries(left), true);
}
