/** What was typed and not saved is not lost without asking: neither by closing the form, nor by a link, a key or
 * the browser's Back.
 *
 *   const unsaved = useUnsaved(form.formState.isDirty);
 *   <Drawer onClose={() => unsaved.leave(onClose)} …>…{unsaved.dialog}</Drawer>
 */

import { type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { UNSAFE_NavigationContext } from "react-router";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { beforeGoingBack } from "./goingBack";

interface Unsaved {
  /** Do it at once where nothing would be lost, and else once somebody says so. */
  leave: (then: () => void) => void;
  /** What was typed is saved, or given up: whatever follows may go elsewhere. */
  let: () => void;
  dialog: ReactNode;
}

/** Where in its history the browser is, as the router numbers it. */
const place = (state: unknown): number => (state as { idx?: number } | null)?.idx ?? 0;

export function useUnsaved(dirty: boolean): Unsaved {
  const [wanted, want] = useState<(() => void) | null>(null);
  const { navigator } = useContext(UNSAFE_NavigationContext);
  const open = useRef(false);
  const kept = useRef(dirty);
  kept.current = dirty && !open.current;

  useEffect(() => {
    if (!dirty) return undefined;
    open.current = false;
    const { push, replace } = navigator;
    const here = place(history.state);
    let back = false;
    const asking = (go: () => void) => {
      if (open.current) return go();
      want(() => go);
    };
    navigator.push = (...to) => asking(() => push.apply(navigator, to));
    // what the page itself writes into its address goes nowhere
    navigator.replace = (...to) => {
      const path = typeof to[0] === "string" ? to[0].split(/[?#]/)[0] : to[0].pathname;
      if (!path || path === location.pathname) return replace.apply(navigator, to);
      return asking(() => replace.apply(navigator, to));
    };
    // heard before the router does: the browser has moved already, and is sent back while one is asked
    function moved(event: PopStateEvent) {
      if (back) {
        back = false;
        event.stopImmediatePropagation();
        return;
      }
      const by = place(event.state) - here;
      if (open.current || by === 0) return;
      event.stopImmediatePropagation();
      back = true;
      history.go(-by);
      want(() => () => history.go(by));
    }
    const closing = (event: BeforeUnloadEvent) => event.preventDefault();
    const stop = beforeGoingBack(moved);
    window.addEventListener("beforeunload", closing);
    return () => {
      navigator.push = push;
      navigator.replace = replace;
      stop();
      window.removeEventListener("beforeunload", closing);
    };
  }, [dirty, navigator]);

  return {
    leave: (then) => (kept.current ? want(() => then) : then()),
    let: () => {
      open.current = true;
      kept.current = false;
    },
    dialog: (
      <Dialog
        open={wanted !== null}
        onClose={() => want(null)}
        title="Leave without saving?"
        about="What you changed here is not saved yet."
        actions={
          <>
            <Button
              look="danger"
              onClick={() => {
                open.current = true;
                want(null);
                wanted?.();
              }}
            >
              Leave
            </Button>
            <Button look="primary" onClick={() => want(null)}>
              Go on editing
            </Button>
          </>
        }
      />
    ),
  };
}
