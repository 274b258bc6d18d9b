/** A layer that asks for something. Focus goes in and comes back to where it was; Esc closes it. */

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./Button";
import { cx } from "./cx";
import { useReturn } from "./focus";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** What it is about, in a sentence below the title. */
  about?: ReactNode;
  children?: ReactNode;
  /** Buttons at its end: the one that goes on comes last. */
  actions?: ReactNode;
  wide?: boolean;
}

const VEIL = "fixed inset-0 z-40 bg-black/40";

function Head({ title, about }: Pick<DialogProps, "title" | "about">) {
  return (
    <header className="flex items-start justify-between gap-3 border-line border-b px-4 py-3">
      <div className="min-w-0">
        <Radix.Title className="font-semibold text-lg">{title}</Radix.Title>
        {about && <Radix.Description className="text-muted">{about}</Radix.Description>}
      </div>
      <Radix.Close asChild>
        <Button look="plain" aria-label="Close" className="w-control px-0!">
          <X aria-hidden className="size-4" />
        </Button>
      </Radix.Close>
    </header>
  );
}

export function Dialog({ open, onClose, title, about, children, actions, wide }: DialogProps) {
  const back = useReturn(open);
  return (
    <Radix.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={VEIL} />
        <Radix.Content
          onCloseAutoFocus={back}
          {...(about ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed top-1/2 left-1/2 z-40 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2",
            "flex-col rounded-lg border border-line bg-raised shadow-float",
            wide ? "max-w-3xl" : "max-w-md",
          )}
        >
          <Head title={title} about={about} />
          <div className="min-h-0 overflow-auto p-4 empty:hidden">{children}</div>
          {actions && (
            <footer className="flex flex-wrap justify-end gap-2 border-line border-t px-4 py-3">
              {actions}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A panel at the side, over the page: a record beside the list it came from. */
export function Drawer({ open, onClose, title, about, children, actions, wide }: DialogProps) {
  const back = useReturn(open);
  return (
    <Radix.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={VEIL} />
        <Radix.Content
          onCloseAutoFocus={back}
          {...(about ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed inset-y-0 right-0 z-40 flex w-full flex-col border-line border-l bg-raised shadow-float",
            wide ? "max-w-3xl" : "max-w-md",
          )}
        >
          <Head title={title} about={about} />
          <div className="min-h-0 flex-1 overflow-auto p-4">{children}</div>
          {actions && (
            <footer className="flex flex-wrap justify-end gap-2 border-line border-t px-4 py-3">
              {actions}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
