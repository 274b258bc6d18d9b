/** Where toasts are shown: one of these in the frame. F8 goes to them, Esc leaves. They cover nothing that can be
 * pressed: the page ends above them, and a layer stands beside or below them (`tokens.css`). */

import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { Button } from "./Button";
import { cx } from "./cx";
import { forget, type Said, toast, useToasts } from "./toast";

const LASTS = 7_000;
/** Pixels above and below them, together. */
const APART = 16;

function One({ said }: { said: Said }) {
  const [busy, setBusy] = useState(false);

  async function undo() {
    setBusy(true);
    try {
      await said.undo?.();
      forget(said.key);
    } catch (error) {
      forget(said.key);
      toast({ text: error instanceof Error ? error.message : String(error), tone: "danger" });
    }
  }

  return (
    <Toast.Root
      duration={said.tone === "danger" || said.undo ? 2 * LASTS : LASTS}
      type={said.tone === "danger" ? "foreground" : "background"}
      onOpenChange={(open) => !open && !busy && forget(said.key)}
      className={cx(
        "flex items-center gap-3 rounded-md border bg-raised py-1.5 pr-1.5 pl-3 shadow-float",
        said.tone === "danger" ? "border-danger" : "border-line",
      )}
    >
      <Toast.Description className={cx("min-w-0 flex-1", said.tone === "danger" && "text-danger")}>
        {said.text}
      </Toast.Description>
      {said.to && (
        <Toast.Action asChild altText={said.to.text}>
          <Link to={said.to.href} className="font-medium text-accent">
            {said.to.text}
          </Link>
        </Toast.Action>
      )}
      {said.undo && (
        <Toast.Action asChild altText="Undo, with F8 and Enter">
          <Button
            look="plain"
            className="text-accent!"
            busy={busy}
            onClick={(event) => {
              event.preventDefault(); // it stays until that is done
              void undo();
            }}
          >
            {busy ? "Undoing…" : "Undo"}
          </Button>
        </Toast.Action>
      )}
      <Toast.Close asChild>
        <Button look="plain" aria-label="Dismiss" className="w-control px-0!">
          <X aria-hidden className="size-3.5" />
        </Button>
      </Toast.Close>
    </Toast.Root>
  );
}

export function Toasts() {
  const said = useToasts((all) => all.said);
  const viewport = useRef<HTMLOListElement>(null);
  useLayoutEffect(() => {
    const element = viewport.current;
    if (!element) return;
    const root = document.documentElement.style;
    const watch = new ResizeObserver(() => {
      const { height } = element.getBoundingClientRect();
      root.setProperty("--told", height ? `${Math.ceil(height) + APART}px` : "0px");
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      root.removeProperty("--told");
    };
  }, []);
  return (
    <Toast.Provider label="Notification" swipeDirection="right">
      {said.map((one) => (
        <One key={one.key} said={one} />
      ))}
      <Toast.Viewport ref={viewport} label="Notifications ({hotkey})" className="toasts outline-none" />
    </Toast.Provider>
  );
}
