/** Where toasts are shown: one of these in the frame. F8 goes to them, Esc leaves. */

import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { useState } from "react";
import { Link } from "react-router";
import { Button } from "./Button";
import { cx } from "./cx";
import { forget, type Said, toast, useToasts } from "./toast";

const LASTS = 7_000;

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
  return (
    <Toast.Provider label="Notification" swipeDirection="right">
      {said.map((one) => (
        <One key={one.key} said={one} />
      ))}
      <Toast.Viewport
        label="Notifications ({hotkey})"
        className="fixed right-4 bottom-4 z-50 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2 outline-none max-sm:bottom-16"
      />
    </Toast.Provider>
  );
}
