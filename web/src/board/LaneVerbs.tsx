/** What one can do with a stretch of a lane, with a name, and with what stands there beside visits: a menu under the
 * pointer, or under the menu key. */

import { DropdownMenu } from "radix-ui";
import { useEffect, useState } from "react";
import { api, ask, onceKey, type Schemas } from "@/api/client";
import { MenuItem, MenuLine } from "@/ui/Menu";
import { toast } from "@/ui/toast";
import * as clock from "./clock";
import { callOff } from "./events";
import { MINUTE, snapped, timeAt } from "./geometry";
import { letGo, longer } from "./held";
import { stage } from "./holding";
import { open } from "./layers";
import { at, besideId, dayOf, type Picture, standsOn } from "./picture";
import { refusal } from "./refusing";
import { pictured, serverNow, useBoard } from "./store";

type Event = Schemas["EventOnBoardOut"];

const QUARTER = 15 * MINUTE;
const LONGER = [15, 30, 60];

/** The event or the hold that an element on the board stands for. */
export function besideOf(element: HTMLElement | null): { event: Event } | { hold: string } | null {
  const block = element?.closest<HTMLElement>("[data-beside]");
  const { beside = "", lane = "" } = block?.dataset ?? {};
  for (const day of useBoard.getState().picture?.lanes[lane]?.days ?? []) {
    const event = day.events.find((one) => besideId("event", one.id) === beside);
    if (event) return { event };
    const hold = day.holds.find((one) => besideId("hold", one.id) === beside);
    if (hold?.hold_id) return { hold: hold.hold_id };
  }
  return null;
}

/** It was pressed: what it is stands in a layer. */
export function openBeside(element: HTMLElement): void {
  const block = element.closest<HTMLElement>("[data-beside]");
  const found = besideOf(block);
  if (!block || !found) return;
  const { beside = "", lane = "" } = block.dataset;
  useBoard.setState({ focus: { id: beside, lane } });
  open("event" in found ? { what: "event", id: found.event.id } : { what: "hold", id: found.hold });
}

/** The lane and the time for something new, where nobody has pointed at one: behind what the keyboard is on. */
export function spotForNew(): { lane: string | null; start: number } {
  const picture = pictured();
  const on = document.activeElement?.closest<HTMLElement>("[data-lane]");
  const lane = on?.dataset.lane ?? "";
  const id = on?.dataset.visit ?? on?.dataset.beside;
  const item = standsOn(picture, lane).find((one) => one.id === id);
  if (picture.lanes[lane] && item) return { lane: ofPeople(picture, lane), start: up(item.end) };
  return { lane: null, start: usual(picture) };
}

const up = (time: number): number => Math.ceil(time / QUARTER) * QUARTER;

/** A moment from now, or nine o'clock of a day to come. */
function usual(picture: Picture): number {
  const now = serverNow();
  const day = picture.meta.days.find((one) => one.date === dayOf(picture.meta, now)) ?? picture.meta.days[0];
  const start = at(day?.start);
  return now >= start && now < at(day?.end) ? up(now) : start + 9 * 60 * MINUTE;
}

/** Crews take part in nothing: their people do. */
const ofPeople = (picture: Picture, lane: string): string | null =>
  picture.meta.by === "crews" ? null : lane;

interface At {
  x: number;
  y: number;
  element: HTMLElement;
  lane: string;
  /** Where on the lane; null: at its name. */
  start: number | null;
  beside: ReturnType<typeof besideOf>;
}

/** What was pointed at, if it is for this menu. */
function pointedAt(event: MouseEvent): At | null {
  const target = event.target as HTMLElement;
  const beside = besideOf(target);
  const key = event.clientX === 0 && event.clientY === 0;
  const block = target.closest<HTMLElement>("[data-beside]");
  if (beside && block) {
    const box = block.getBoundingClientRect();
    const [x, y] = key ? [box.left + 8, box.bottom] : [event.clientX, event.clientY];
    return { x, y, element: block, lane: block.dataset.lane ?? "", start: null, beside };
  }
  if (target.closest(".visit,.note-mark")) return null;
  const row = target.closest<HTMLElement>(".lane[data-row]");
  const head = target.closest<HTMLElement>(".lane-head[data-name]");
  const lane = row?.dataset.row ?? head?.dataset.name ?? "";
  if (!useBoard.getState().picture?.lanes[lane]) return null;
  const { element, sizes } = stage;
  let start: number | null = null;
  if (row && element && sizes) {
    const left = element.getBoundingClientRect().left - element.scrollLeft + sizes.lane;
    start = Math.floor(timeAt(sizes.axis, event.clientX - left) / QUARTER) * QUARTER;
  }
  return {
    x: event.clientX,
    y: event.clientY,
    element: row ?? head ?? target,
    lane,
    start: start === null ? null : snapped(start),
    beside: null,
  };
}

/** What opens a layer waits until the menu has given the focus back, or the layer would lose it again. */
let waits: (() => void) | undefined;
const onceClosed = (what: () => void) => () => {
  waits = what;
};

export function LaneVerbs() {
  const [shown, setShown] = useState<At | null>(null);
  useEffect(() => {
    const opened = (event: MouseEvent) => {
      const found = pointedAt(event);
      if (!found || !stage.moves) return;
      event.preventDefault();
      setShown(found);
    };
    document.addEventListener("contextmenu", opened);
    return () => document.removeEventListener("contextmenu", opened);
  }, []);
  const picture = useBoard((all) => (shown ? all.picture : null));
  const lane = shown && picture?.lanes[shown.lane];
  if (!shown || !picture || !lane) return null;
  return (
    <DropdownMenu.Root open onOpenChange={(now) => !now && setShown(null)} modal={false}>
      <DropdownMenu.Trigger asChild>
        <span aria-hidden className="fixed size-0" style={{ left: shown.x, top: shown.y }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={nameOf(shown, lane.name)}
          align="start"
          collisionPadding={8}
          className="z-50 min-w-44 max-w-80 overflow-auto rounded-md border border-line bg-raised p-1 shadow-float"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (shown.beside) shown.element.focus({ preventScroll: true });
            const what = waits;
            waits = undefined;
            what?.();
          }}
        >
          <Items shown={shown} picture={picture} name={lane.name} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const nameOf = ({ beside }: At, lane: string): string =>
  beside ? ("event" in beside ? beside.event.title : `Held for ${lane}`) : lane;

function Items({ shown, picture, name }: { shown: At; picture: Picture; name: string }) {
  const { beside, lane, start } = shown;
  if (beside && "event" in beside) {
    const { event } = beside;
    return (
      <>
        <MenuItem onSelect={onceClosed(() => open({ what: "event", id: event.id }))}>Change…</MenuItem>
        <MenuLine />
        <MenuItem danger onSelect={() => void calledOff(event)}>
          Call it off
        </MenuItem>
      </>
    );
  }
  if (beside) {
    const id = beside.hold;
    return (
      <>
        <MenuItem onSelect={onceClosed(() => open({ what: "hold", id, books: true }))}>Book…</MenuItem>
        {LONGER.map((minutes) => (
          <MenuItem key={minutes} onSelect={() => void held(id, (hold) => longer(hold, minutes, onceKey()))}>
            {`Hold for ${minutes} min from now on`}
          </MenuItem>
        ))}
        <MenuItem onSelect={onceClosed(() => open({ what: "hold", id }))}>What is held…</MenuItem>
        <MenuLine />
        <MenuItem danger onSelect={() => void held(id, letGo)}>
          Release
        </MenuItem>
      </>
    );
  }
  const { by, time_zone: zone, date } = picture.meta;
  const from = start ?? usual(picture);
  return (
    <>
      {by !== "crews" && (
        <MenuItem onSelect={onceClosed(() => open({ what: "new event", lane, start: from }))}>
          {start === null ? "New event…" : `New event at ${clock.time(start, zone)}…`}
        </MenuItem>
      )}
      {by === "technicians" && (
        <MenuItem onSelect={onceClosed(() => open({ what: "notes", day: date, technician: lane }))}>
          {`Note for ${name}…`}
        </MenuItem>
      )}
      <MenuItem onSelect={onceClosed(() => open({ what: "notes", day: date, technician: null }))}>
        Note for the day…
      </MenuItem>
    </>
  );
}

async function calledOff(event: Event): Promise<void> {
  try {
    await callOff(event);
  } catch (error) {
    toast({ text: refusal(error), tone: "danger" });
  }
}

async function held(id: string, what: (hold: Schemas["HoldOut"]) => Promise<unknown>): Promise<void> {
  try {
    await what(await ask(api.GET("/api/v2/holds/{id}", { params: { path: { id } } })));
  } catch (error) {
    toast({ text: refusal(error), tone: "danger" });
  }
}
