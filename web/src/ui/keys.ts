/** Keys that do something on a page. Never while one types, nor under a layer that is open. What is bound at
 * the moment is what the keyboard map (`?`) shows. */

import { useLayoutEffect, useRef } from "react";
import { create } from "zustand";
import { usePreferences } from "./preferences";

export interface Binding {
  /** "j", "Shift+J", "mod+k" (⌘ on a Mac, Ctrl elsewhere), "g c" (one after the other). */
  keys: string;
  /** What it does, for the keyboard map; without words it is not listed. */
  says?: string;
  /** Where it belongs in the map. */
  group?: string;
  /** Also while one types. */
  always?: boolean;
  /** False: it was not meant, and somebody else may take it. */
  do: (event: KeyboardEvent) => unknown;
}

export const useBindings = create<{ all: Map<object, readonly Binding[]> }>(() => ({ all: new Map() }));

export const isMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

const TYPING =
  "input:not([type=checkbox],[type=radio],[type=button],[type=submit]),textarea,select,[contenteditable=true]";
const LAYER = "[role=dialog],[role=alertdialog],[role=menu],[role=listbox]";
const TOGETHER = 1_000;

let before = "";
let beforeAt = 0;

/** How a press is written: "mod+k", "Shift+ArrowLeft", "?". */
export function written(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">,
): string {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const letter = /^[a-z]$/i.test(event.key);
  const shift = event.shiftKey && (event.key.length > 1 || letter);
  // whatever Caps Lock makes of it
  const key = letter ? event.key[shift ? "toUpperCase" : "toLowerCase"]() : event.key;
  return [mod && "mod", event.altKey && "Alt", shift && "Shift", key].filter(Boolean).join("+");
}

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const target = event.target instanceof Element ? event.target : document.body;
  const typing = target.matches(TYPING);
  const layered = target.closest(LAYER) !== null;
  const one = written(event);
  // when they were pressed: a page that was busy hears them late, and not as far apart
  const two = event.timeStamp - beforeAt < TOGETHER ? `${before} ${one}` : "";
  before = one;
  beforeAt = event.timeStamp;
  // what was bound last stands nearest to the person
  const all = [...useBindings.getState().all.values()].reverse().flat();
  const single = usePreferences.getState().singleKeys;
  for (const wanted of two ? [two, one] : [one]) {
    // letters without another key get in the way of whoever dictates (WCAG 2.1.4)
    if (!single && /^\S( \S)?$/.test(wanted)) continue;
    for (const binding of all) {
      if (binding.keys !== wanted || ((typing || layered) && !binding.always)) continue;
      if (binding.do(event) === false) continue;
      event.preventDefault(); // or the same press would act in the layer that it opens
      before = "";
      return;
    }
  }
}

let listening = false;

/** Bind keys while the component is there: before it is seen, so that nobody presses one in vain. */
export function useKeys(bindings: readonly Binding[]): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  const shape = bindings.map((one) => `${one.keys}|${one.says}|${one.group}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: bound anew only when keys or words change
  useLayoutEffect(() => {
    if (!listening) {
      listening = true;
      document.addEventListener("keydown", press);
    }
    const mine = {};
    const bound = latest.current.map((one, place) => ({
      ...one,
      do: (event: KeyboardEvent) => latest.current[place]?.do(event),
    }));
    useBindings.setState(({ all }) => ({ all: new Map(all).set(mine, bound) }));
    return () =>
      useBindings.setState(({ all }) => {
        const rest = new Map(all);
        rest.delete(mine);
        return { all: rest };
      });
  }, [shape]);
}

const SIGNS: Record<string, string> = {
  mod: isMac ? "⌘" : "Ctrl",
  Alt: isMac ? "⌥" : "Alt",
  Shift: "⇧",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  " ": "Space",
};

/** As it stands on the keys: "Ctrl K", "g c". */
export function shown(keys: string): string {
  return keys
    .split(/(?<=.) (?=.)/)
    .map((press) =>
      press
        .split(/(?<=.)\+(?=.)/)
        .map((key) => SIGNS[key] ?? (press.includes("+") ? key.toUpperCase() : key))
        .join(" "),
    )
    .join(" then ");
}
