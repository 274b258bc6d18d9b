/**
 * An event that is held over the board, by the mouse or by the keyboard: it goes to another time, or to somebody else.
 * Nothing is sent while it is held, and one that would meet something says so.
 */

import { api, ask } from "@/api/client";
import { toast } from "@/ui/toast";
import * as clock from "./clock";
import { change } from "./events";
import { MINUTE, snapped, timeAt, xOf } from "./geometry";
import { laneAt, stage } from "./holding";
import { at, besideId, standsOn } from "./picture";
import { listening } from "./pressing";
import { refusal } from "./refusing";
import { shifted, shiftedBack } from "./shifted";
import { pictured, useBoard } from "./store";

const QUARTER = 15 * MINUTE;
const FAR = 5;
const AXIS = 28;

interface Shifted {
  id: string;
  title: string;
  from: string;
  lane: string;
  start: number;
  end: number;
  /** Where it stands on the board. */
  was: number;
}

let held: Shifted | null = null;
let ghost: HTMLDivElement | null = null;

/** Take an event of a lane; null: nobody may move it, or it is none. */
function take(block: HTMLElement | null): Shifted | null {
  const { beside = "", lane = "" } = block?.dataset ?? {};
  if (!stage.moves || !stage.sizes) return null;
  for (const day of pictured().lanes[lane]?.days ?? []) {
    const event = day.events.find((one) => besideId("event", one.id) === beside);
    if (!event) continue;
    const start = at(event.start);
    return { id: event.id, title: event.title, from: lane, lane, start, end: at(event.end), was: start };
  }
  return null;
}

const blocksOf = (id: string) =>
  document.querySelectorAll<HTMLElement>(`[data-beside="${CSS.escape(besideId("event", id))}"]`);

function begin(one: Shifted): void {
  held = one;
  for (const block of blocksOf(one.id)) block.dataset.held = "true";
  ghost = document.createElement("div");
  ghost.className = "ghost";
  const box = document.createElement("div");
  box.className = "ghost-box";
  box.textContent = one.title;
  const line = document.createElement("div");
  line.className = "ghost-words";
  ghost.append(box, line);
  document.body.append(ghost);
}

function to(next: Partial<Pick<Shifted, "lane" | "start">>): void {
  const { sizes, element, said } = stage;
  if (!held || !ghost || !sizes || !element) return;
  const long = held.end - held.start;
  Object.assign(held, next);
  held.end = held.start + long;
  const place = element.getBoundingClientRect();
  const row = sizes.ids.indexOf(held.lane);
  const x = place.left + sizes.lane + xOf(sizes.axis, held.start) - element.scrollLeft;
  const y = place.top + AXIS + (sizes.starts[row] ?? 0) - element.scrollTop + 5;
  const [box, line] = ghost.children as unknown as [HTMLElement, HTMLElement];
  box.style.width = `${xOf(sizes.axis, held.end) - xOf(sizes.axis, held.start)}px`;
  ghost.style.transform = `translate(${x}px, ${y}px)`;
  const words = wordsOf(held);
  line.textContent = words;
  if (said) said.textContent = words;
}

/** "10:15 – 11:15 AM, Ben Ode: meets Smith". */
function wordsOf({ id, lane, start, end }: Shifted): string {
  const picture = pictured();
  const where = `${clock.span(start, end, picture.meta.time_zone)}, ${picture.lanes[lane]?.name ?? ""}`;
  const met = standsOn(picture, lane).find(
    (one) =>
      one.id !== besideId("event", id) &&
      one.start < end &&
      one.end > start &&
      picture.cells[one.id]?.status !== "canceled",
  );
  if (!met) return where;
  const what = picture.cells[met.id]?.customer;
  return `${where}: ${what ? `meets ${what}` : "the time is taken"}`;
}

function letGo(): void {
  if (held) for (const block of blocksOf(held.id)) delete block.dataset.held;
  ghost?.remove();
  ghost = null;
  held = null;
}

async function drop(): Promise<void> {
  const one = held;
  letGo();
  if (!one || (one.start === one.was && one.lane === one.from)) return;
  const iso = (time: number) => new Date(time).toISOString();
  const before = pictured();
  const shown = shifted(before, { ...one, to: one.lane });
  useBoard.setState({ picture: shown });
  try {
    const event = await ask(api.GET("/api/v2/events/{id}", { params: { path: { id: one.id } } }));
    const others = (all: readonly { id: string }[]) => [
      one.lane,
      ...all.map((its) => its.id).filter((id) => id !== one.from && id !== one.lane),
    ];
    const vans = pictured().meta.by === "vehicles";
    const who = vans
      ? { vehicle_ids: others(event.vehicles) }
      : { technician_ids: others(event.technicians) };
    await change(event, {
      ...(one.start === one.was ? {} : { starts_at: iso(one.start), ends_at: iso(one.end) }),
      ...(one.lane === one.from ? {} : who),
    });
  } catch (error) {
    const { picture } = useBoard.getState();
    if (picture) useBoard.setState({ picture: shiftedBack(picture, before, shown) });
    toast({ text: `${one.title} was not moved. ${refusal(error)}`, tone: "danger" });
  }
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 };

/** What a key does on an event; true: it was for it. Alt and arrows hold and move it, Enter lets go, Esc does nothing. */
export function key(event: KeyboardEvent): boolean {
  const said = stage.said;
  if (held && (event.key === "Escape" || event.key === "Enter")) {
    if (event.key === "Enter") void drop();
    else {
      letGo();
      if (said) said.textContent = "Not moved.";
    }
    return true;
  }
  const step = STEPS[event.key];
  if (step === undefined || (!event.altKey && !held)) return false;
  if (!held) {
    const one = take((event.target as HTMLElement).closest<HTMLElement>("[data-beside]"));
    if (!one) return false;
    begin(one);
  }
  if (!held) return false;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") to({ start: held.start + step * QUARTER });
  else to({ lane: neighbour(held.lane, step) });
  return true;
}

/** The next lane of somebody; the first and the last one stay. */
function neighbour(lane: string, step: number): string {
  const { order } = pictured();
  return order[Math.min(order.length - 1, Math.max(0, order.indexOf(lane) + step))] ?? lane;
}

/** Listen on what holds the board; returns how to end it. A press that does not move is a click. */
export function shiftingOn(root: HTMLElement): () => void {
  let press: { x: number; y: number; into: number; one: Shifted; pointer: number } | null = null;

  const timeOf = (x: number): number => {
    const { element, sizes } = stage;
    if (!element || !sizes) return Number.NaN;
    return timeAt(sizes.axis, x - element.getBoundingClientRect().left - sizes.lane + element.scrollLeft);
  };

  function down(event: PointerEvent): void {
    letGo();
    if (press || event.button !== 0 || event.pointerType === "touch") return;
    const one = take((event.target as HTMLElement).closest<HTMLElement>("[data-beside]"));
    if (!one) return;
    const { clientX: x, clientY: y, pointerId: pointer } = event;
    press = { x, y, into: timeOf(x) - one.start, one, pointer };
  }

  function move(event: PointerEvent): void {
    if (!press || event.pointerId !== press.pointer) return;
    if (event.buttons === 0) {
      lost(); // it was let go elsewhere
      return;
    }
    if (!held) {
      if (Math.hypot(event.clientX - press.x, event.clientY - press.y) < FAR) return;
      begin(press.one);
      root.setPointerCapture(event.pointerId);
      document.body.dataset.dragging = "true";
    }
    event.preventDefault();
    const lane = laneAt(event.clientY) ?? press.one.lane;
    to({
      start: snapped(timeOf(event.clientX) - press.into),
      ...(pictured().lanes[lane] ? { lane } : {}),
    });
  }

  function end(): void {
    press = null;
    delete document.body.dataset.dragging;
  }

  function up(event: PointerEvent): void {
    if (!press || event.pointerId !== press.pointer) return;
    if (held) {
      void drop();
    }
    end();
  }

  function lost(): void {
    letGo();
    end();
  }

  function keys(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !press || !held) return;
    event.preventDefault();
    event.stopPropagation();
    lost();
  }

  /** The focus leaves what the keyboard holds. */
  function left(): void {
    if (!press && document.hasFocus()) letGo();
  }

  return listening(root, { down, move, up, lost, left, keys }, () => press !== null && held !== null);
}
