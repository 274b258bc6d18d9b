/** Arrow keys over a list that an input stands above: which one is meant, and what Enter does with it. */

import { type KeyboardEvent, useState } from "react";

export interface Arrows {
  /** The index that is meant. */
  at: number;
  meant: (index: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** `choose` is called with an index; `nothing` for Enter when the list is empty. */
export function useArrows(count: number, choose: (index: number) => void, nothing?: () => void): Arrows {
  const [wanted, setWanted] = useState(0);
  const at = Math.min(wanted, Math.max(0, count - 1));
  return {
    at,
    meant: setWanted,
    onKeyDown: (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (count > 0) setWanted((at + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (count > 0) choose(at);
        else nothing?.();
      }
    },
  };
}
