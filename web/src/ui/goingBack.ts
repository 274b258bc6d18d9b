/** The browser's Back and Forward, heard before the router hears of them: listeners of one window are called in the
 * order in which they came, so this one is there from the beginning (`office/main.tsx`). */

let asked: ((event: PopStateEvent) => void) | null = null;

window.addEventListener("popstate", (event) => asked?.(event));

/** Be asked first, until the return value is called. */
export function beforeGoingBack(ask: (event: PopStateEvent) => void): () => void {
  asked = ask;
  return () => {
    if (asked === ask) asked = null;
  };
}
