/** What stands around every page: where one is, where one can go, who one is. */

import { Keyboard, LogOut, Moon, Search, Sun } from "lucide-react";
import { Suspense, useEffect, useState } from "react";
import { Outlet, useNavigate } from "react-router";
import { onSignedOut } from "@/api/session";
import { type Me, useEnded } from "@/identity/me";
import { SignInAgain } from "@/identity/SignInAgain";
import { StepUp } from "@/identity/StepUp";
import { followOtherTabs, signOut } from "@/identity/sessions";
import { Button } from "@/ui/Button";
import { shown, useKeys } from "@/ui/keys";
import { prefer } from "@/ui/preferences";
import { Skeleton } from "@/ui/Skeleton";
import { Toasts } from "@/ui/Toasts";
import { Alerts } from "./Alerts";
import { Announcer } from "./Announcer";
import { ConnectionState } from "./ConnectionState";
import { KeyboardMap } from "./KeyboardMap";
import { begin, end } from "./live";
import { ACTIONS, mayGo, PLACES } from "./nav";
import type { Deed } from "./Palette";
import { PaletteDialog, preparePalette } from "./PaletteDialog";
import { BottomBar, Sidebar } from "./Sidebar";
import { UserMenu } from "./UserMenu";

export function Frame({ me }: { me: Me }) {
  const [layer, setLayer] = useState<"palette" | "keys" | null>(null);
  const go = useNavigate();
  const close = () => setLayer(null);

  useEffect(() => {
    followOtherTabs();
    // fetched while nothing else is, so that it is there at the first press
    const idle = setTimeout(preparePalette, 1_500);
    const stop = onSignedOut(() => useEnded.setState({ ended: true }));
    return () => {
      stop();
      clearTimeout(idle);
    };
  }, []);

  const ended = useEnded((all) => all.ended);
  useEffect(() => {
    if (ended) return undefined;
    begin();
    return end;
  }, [ended]);

  useKeys([
    {
      keys: "mod+k",
      says: "Find or do",
      always: true,
      do: () => setLayer(layer === "palette" ? null : "palette"),
    },
    { keys: "?", says: "This map of the keyboard", do: () => setLayer("keys") },
    ...[...PLACES, ...ACTIONS]
      .filter((place) => place.keys && mayGo(me, place))
      .map((place) => ({
        keys: place.keys ?? "",
        says: place.words,
        group: PLACES.includes(place) ? "Go to" : "Do",
        do: () => void go(place.to),
      })),
  ]);

  const deeds: Deed[] = [
    { words: "Dark theme", icon: Moon, do: () => prefer({ theme: "dark" }) },
    { words: "Light theme", icon: Sun, do: () => prefer({ theme: "light" }) },
    { words: "Keyboard map", icon: Keyboard, keys: "?", do: () => setLayer("keys") },
    { words: "Sign out", icon: LogOut, do: () => void signOut() },
  ];

  return (
    <div className="flex h-full">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <Sidebar me={me} />
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-11 shrink-0 items-center gap-2 border-line border-b bg-surface px-3 max-sm:h-13">
          <Button
            className="w-72 min-w-0 justify-start! font-normal! text-muted! max-sm:flex-1"
            aria-keyshortcuts="Control+K Meta+K"
            onPointerEnter={preparePalette}
            onClick={() => setLayer("palette")}
          >
            <Search aria-hidden className="size-3.5 shrink-0" />
            <span className="truncate">Find or do</span>
            <kbd className="ml-auto font-sans text-sm max-sm:hidden">{shown("mod+k")}</kbd>
          </Button>
          <div className="ml-auto flex items-center gap-2">
            <ConnectionState />
            <span className="max-w-56 truncate text-muted max-lg:hidden">{me.org.name}</span>
            <Alerts me={me} />
            <UserMenu me={me} onKeys={() => setLayer("keys")} />
          </div>
        </header>
        <main id="content" tabIndex={-1} className="min-h-0 flex-1 overflow-auto outline-none">
          <Suspense fallback={<Skeleton rows={12} label="Opening the page" />}>
            <Outlet />
          </Suspense>
        </main>
        <div aria-hidden className="h-(--told) shrink-0" />
        <BottomBar me={me} />
      </div>
      <KeyboardMap open={layer === "keys"} onClose={close} />
      {layer === "palette" && <PaletteDialog me={me} deeds={deeds} onClose={close} />}
      <StepUp />
      <SignInAgain me={me} />
      <Toasts />
      <Announcer />
    </div>
  );
}
