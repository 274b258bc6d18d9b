/** Where the focus was before a layer opened, and how it comes back there. */

import { useRef } from "react";

/** Who had the focus; of a line in a menu, which is gone afterwards, the button that opened the menu. */
function holder(): HTMLElement | null {
  const now = document.activeElement;
  const menu = now?.closest("[role=menu]");
  const found = menu ? document.querySelector(`[aria-controls="${CSS.escape(menu.id)}"]`) : now;
  return found instanceof HTMLElement ? found : null;
}

/** For a layer's `onCloseAutoFocus`. It has to be called before anything in the layer takes the focus, so it
 * looks while the layer is drawn. */
export function useReturn(open: boolean): (event: Event) => void {
  const from = useRef<HTMLElement | null>(null);
  const was = useRef(false);
  if (open && !was.current) from.current = holder();
  was.current = open;
  return (event) => {
    event.preventDefault();
    from.current?.focus();
  };
}
