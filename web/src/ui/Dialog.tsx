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

function Layer({
  open,
  onClose,
  title,
  about,
  children,
  actions,
  place,
  body,
}: DialogProps & { place: string; body: string }) {
  const back = useReturn(open);
  return (
    <Radix.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={VEIL} />
        <Radix.Content
          onCloseAutoFocus={back}
          {...(about ? {} : { "aria-describedby": undefined })}
          className={cx("below-told fixed z-40 flex flex-col border-line bg-raised shadow-float", place)}
        >
          <Head title={title} about={about} />
          <div className={cx("min-h-0 overflow-auto p-4", body)}>{children}</div>
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

const width = (wide: boolean | undefined) => (wide ? "max-w-3xl" : "max-w-md");

export function Dialog(props: DialogProps) {
  return (
    <Layer
      {...props}
      place={cx(
        "top-[calc(50%+var(--below)/2)] left-1/2 max-h-[calc(100dvh-2rem-var(--below))] w-[calc(100vw-2rem)]",
        "-translate-x-1/2 -translate-y-1/2 rounded-lg border",
        width(props.wide),
      )}
      body="empty:hidden"
    />
  );
}

/** A panel at the side, over the page: a record beside the list it came from. */
export function Drawer(props: DialogProps) {
  return (
    <Layer
      {...props}
      place={cx("top-(--below) right-0 bottom-0 w-full border-l", width(props.wide))}
      body="flex-1"
    />
  );
}
