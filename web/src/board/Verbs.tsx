/** What one can do with a visit now: the verbs that the server names, in words. */

import { useQuery } from "@tanstack/react-query";
import { DropdownMenu } from "radix-ui";
import { useEffect, useState } from "react";
import { api, ask, onceKey, type Schemas } from "@/api/client";
import { Button } from "@/ui/Button";
import { Menu, MenuItem, MenuLine } from "@/ui/Menu";
import { toast } from "@/ui/toast";
import { holdFor } from "./anew";
import { copyArrival } from "./arrival";
import { doIt, takeOff } from "./deeds";
import { urge } from "./Emergency";
import { keeper } from "./keeper";
import { overDays } from "./OverDays";
import { promiseTo } from "./Promising";
import { type Cell, lanesOf } from "./picture";
import { refusal } from "./refusing";
import { pictured, useBoard } from "./store";

type Visit = Schemas["VisitOut"];

const laneOf = (cell: Cell): string | null => lanesOf(pictured(), new Set([cell.id]))[0] ?? null;

async function duplicate(cell: Cell): Promise<void> {
  try {
    const made = await ask(
      api.POST("/api/v2/visits/{id}/duplicate", {
        params: { path: { id: cell.id } },
        headers: onceKey(),
        body: null,
      } as never),
    );
    keeper()?.again([(made as unknown as { id: string }).id]);
    toast({ text: `There is another visit for ${cell.number}; it waits in the tray.` });
  } catch (error) {
    toast({ text: refusal(error), tone: "danger" });
  }
}

/** The next visit that is chosen, by a click or by Enter, is exchanged with this one. */
function swap(cell: Cell): void {
  useBoard.setState({ swapping: cell });
  toast({ text: `Choose the visit to exchange with ${cell.customer}: click it, or Enter. Esc leaves it.` });
}

/** The choosing goes on until a visit is chosen; Esc, a click beside, and leaving the board end it. */
function useSwapping(): void {
  const cell = useBoard((shown) => shown.swapping);
  useEffect(() => {
    if (!cell) return undefined;
    const end = () => useBoard.setState({ swapping: null });
    const keys = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      end();
    };
    const chosen = (event: MouseEvent) => {
      end();
      const block = (event.target as HTMLElement).closest<HTMLElement>("[data-visit]");
      if (!block) return;
      event.preventDefault();
      event.stopPropagation();
      const other = pictured().cells[block.dataset.visit ?? ""];
      if (other && other.id !== cell.id) exchange(cell, other);
    };
    document.body.dataset.choosing = "true";
    document.addEventListener("click", chosen, true);
    document.addEventListener("keydown", keys, true);
    return () => {
      delete document.body.dataset.choosing;
      document.removeEventListener("click", chosen, true);
      document.removeEventListener("keydown", keys, true);
    };
  }, [cell]);
  useEffect(() => () => useBoard.setState({ swapping: null }), []);
}

function exchange(cell: Cell, other: Cell): void {
  void doIt({
    visit: cell,
    verb: "swap",
    body: { what: "both" },
    other,
    words: `${cell.customer} and ${other.customer} have changed places.`,
    lanes: lanesOf(pictured(), new Set([cell.id, other.id])),
  });
}

/** What opens a layer waits until the menu has given the focus back, or the layer would lose it again. */
let waits: (() => void) | undefined;
const onceClosed = (what: () => void) => () => {
  waits = what;
};
function closed(): void {
  const what = waits;
  waits = undefined;
  what?.();
}

function Items({ cell, visit }: { cell: Cell; visit: Visit }) {
  const may = (verb: string) => visit.allowed_transitions.includes(verb);
  const lane = laneOf(cell);
  const lanes = lane ? [lane] : [];
  const say = (verb: string, body: object, words: string) => () =>
    void doIt({ visit: cell, verb, body, words, lanes });
  const half = Math.round(cell.duration_minutes / 2 / 5) * 5;
  return (
    <>
      {may("confirm") && !cell.confirmed_at && (
        <MenuItem onSelect={say("confirm", { via: "phone" }, `${cell.customer} confirmed by phone.`)}>
          Customer confirmed by phone
        </MenuItem>
      )}
      {may("promise") && <MenuItem onSelect={onceClosed(() => promiseTo(visit))}>Promise…</MenuItem>}
      {may("schedule") && <MenuItem onSelect={onceClosed(() => holdFor(cell))}>Hold a time…</MenuItem>}
      {may("dispatch") && (
        <MenuItem onSelect={say("dispatch", {}, `${cell.customer} was released to whoever comes.`)}>
          Dispatch
        </MenuItem>
      )}
      {may("recall") && (
        <MenuItem onSelect={say("recall", {}, `${cell.customer} was taken back before anybody left.`)}>
          Take back (recall)
        </MenuItem>
      )}
      {may("extend") &&
        [15, 30, 60].map((minutes) => (
          <MenuItem
            key={minutes}
            onSelect={say("extend", { minutes }, `${cell.customer} takes ${minutes} min longer.`)}
          >
            {`Takes ${minutes} min longer`}
          </MenuItem>
        ))}
      {may("lock") && cell.lock !== "both" && (
        <MenuItem
          onSelect={say("lock", { lock: "both" }, `${cell.customer} stays where it is, with whom it is.`)}
        >
          Lock time and people
        </MenuItem>
      )}
      {may("lock") && cell.lock === "none" && (
        <MenuItem onSelect={say("lock", { lock: "time" }, `${cell.customer} keeps its time.`)}>
          Lock the time
        </MenuItem>
      )}
      {may("unlock") && cell.lock !== "none" && (
        <MenuItem onSelect={say("unlock", {}, `${cell.customer} may be moved again.`)}>Unlock</MenuItem>
      )}
      <MenuLine />
      {may("split") && half >= 5 && (
        <MenuItem
          onSelect={say(
            "split",
            { minutes: half },
            `${cell.customer} is in two parts; the second waits in the tray.`,
          )}
        >
          Split in two
        </MenuItem>
      )}
      {may("day-parts") && cell.planned_start && (
        <MenuItem onSelect={onceClosed(() => overDays(visit))}>Over several days…</MenuItem>
      )}
      {may("swap") && cell.planned_start && (
        <MenuItem onSelect={() => setTimeout(() => swap(cell))}>Swap with another…</MenuItem>
      )}
      {may("insert") && <MenuItem onSelect={onceClosed(() => urge(cell))}>Insert as an emergency…</MenuItem>}
      <MenuItem onSelect={() => void duplicate(cell)}>Duplicate</MenuItem>
      {(cell.promised_start || cell.planned_start) && (
        <MenuItem onSelect={() => void copyArrival(visit)}>Copy arrival text</MenuItem>
      )}
      {may("unschedule") && cell.planned_start && (
        <>
          <MenuLine />
          <MenuItem danger onSelect={() => void takeOff(cell, lane)}>
            Take off the board
          </MenuItem>
        </>
      )}
    </>
  );
}

/** Under a button of the card. */
export function VerbsMenu({ cell, visit }: { cell: Cell; visit: Visit }) {
  return (
    <Menu align="end" button={<Button>Actions</Button>} onClosed={closed}>
      <Items cell={cell} visit={visit} />
    </Menu>
  );
}

/** Under the pointer: a right click, or the menu key. */
export function ContextVerbs() {
  useSwapping();
  const [at, setAt] = useState<{ x: number; y: number; id: string } | null>(null);
  const cell = useBoard((shown) => (at ? shown.picture?.cells[at.id] : undefined));
  const past = useBoard((shown) => shown.picture?.meta.as_of);
  useEffect(() => {
    const open = (event: MouseEvent) => {
      const block = (event.target as HTMLElement).closest<HTMLElement>(".visit[data-visit]");
      if (!block) return;
      event.preventDefault();
      const box = block.getBoundingClientRect();
      const key = event.clientX === 0 && event.clientY === 0;
      setAt({
        x: key ? box.left + 8 : event.clientX,
        y: key ? box.bottom : event.clientY,
        id: block.dataset.visit ?? "",
      });
    };
    document.addEventListener("contextmenu", open);
    return () => document.removeEventListener("contextmenu", open);
  }, []);
  const asked = useQuery({
    queryKey: ["visits", cell?.id, cell?.version],
    enabled: cell !== undefined,
    queryFn: () => ask(api.GET("/api/v2/visits/{id}", { params: { path: { id: cell?.id ?? "" } } })),
  });
  if (!at || !cell || past) return null;
  return (
    <DropdownMenu.Root open onOpenChange={(open) => !open && setAt(null)} modal={false}>
      <DropdownMenu.Trigger asChild>
        <span aria-hidden className="fixed size-0" style={{ left: at.x, top: at.y }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={`${cell.customer}, ${cell.number}`}
          align="start"
          collisionPadding={8}
          className="z-50 min-w-44 max-w-80 overflow-auto rounded-md border border-line bg-raised p-1 shadow-float"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            document.querySelector<HTMLElement>(`.visit[data-visit="${CSS.escape(at.id)}"]`)?.focus();
            closed();
          }}
        >
          {asked.data ? (
            <Items cell={cell} visit={asked.data} />
          ) : (
            <p className="px-2 py-1 text-muted">
              {asked.error ? asked.error.message : "Asking what can be done…"}
            </p>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
