/** What was done, said once and gone by itself: `toast({ text: "Visit moved.", undo })`. */

import { create } from "zustand";

export interface Saying {
  text: string;
  tone?: "plain" | "danger";
  /** Takes back what was done; offered as a button, and while it goes on it says so. */
  undo?: () => Promise<unknown> | unknown;
  /** Where to look at it. */
  to?: { text: string; href: string };
}

export interface Said extends Saying {
  key: number;
}

const MOST = 3;
let last = 0;

export const useToasts = create<{ said: Said[] }>(() => ({ said: [] }));

/** Say it; the key takes it back. At most three are seen at a time, the newest. */
export function toast(saying: Saying): number {
  const key = ++last;
  useToasts.setState(({ said }) => ({ said: [...said, { ...saying, key }].slice(-MOST) }));
  return key;
}

/** Not any more. */
export function forget(key: number): void {
  useToasts.setState(({ said }) => ({ said: said.filter((one) => one.key !== key) }));
}
