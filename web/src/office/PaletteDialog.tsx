/** ⌘K opens at once: its box stands before what it finds with has come, and keeps what is typed meanwhile,
 * Enter as well. */

import { Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { lazy, Suspense, useState } from "react";
import type { Me } from "@/identity/me";
import { useReturn } from "@/ui/focus";
import { Boundary } from "./Boundary";
import type { Deed } from "./Palette";

const fetchPalette = () => import("./Palette");
const Palette = lazy(fetchPalette);

/** Fetch it before it is wanted; where that fails, it is fetched when it is. */
export const preparePalette = () => void fetchPalette().catch(() => undefined);

const toItsEnd = (box: HTMLInputElement) => box.setSelectionRange(box.value.length, box.value.length);

/** What a box of it looks like, before and after. */
const BOX = {
  // whoever opened it is about to type, or typed already
  autoFocus: true,
  onFocus: (event: { currentTarget: HTMLInputElement }) => toItsEnd(event.currentTarget),
  placeholder: "Name, phone, address, number, or what to do",
  className: "h-11 w-full bg-transparent outline-none placeholder:text-muted",
};
export type Box = typeof BOX & { value: string };

export function PaletteDialog(props: { me: Me; deeds: readonly Deed[]; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [entered, setEntered] = useState(false);
  const back = useReturn(true);
  const type = (now: string) => {
    setTyped(now);
    setEntered(false);
  };
  const box = { ...BOX, value: typed };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          onCloseAutoFocus={back}
          aria-describedby={undefined}
          className="below-told fixed top-[max(12vh,var(--below))] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-raised shadow-float max-sm:top-[max(1rem,var(--below))]"
        >
          <Dialog.Title className="sr-only">Find or do</Dialog.Title>
          <Boundary what="What one can find or do">
            <Suspense
              fallback={
                <div className="flex items-center gap-2 border-line border-b px-3">
                  <Search aria-hidden className="size-4 text-muted" />
                  <input
                    {...box}
                    aria-label="Find or do"
                    onChange={(event) => type(event.target.value)}
                    onKeyDown={(event) => {
                      if (event.key === "Enter" && !event.nativeEvent.isComposing) setEntered(true);
                    }}
                  />
                </div>
              }
            >
              <Palette
                {...props}
                box={box}
                onType={type}
                entered={entered}
                onEntered={() => setEntered(false)}
              />
            </Suspense>
          </Boundary>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
