/**
 * The board without a mouse: arrows go from visit to visit, Alt and arrows hold the visit and move it by a quarter
 * of an hour or to another lane, or in a week to another day, Enter lets go, Esc does nothing. What would come of it
 * is said while it is held.
 */

import { MINUTE } from "./geometry";
import * as holding from "./holding";
import { at, type Picture, standing, standsOn, UNASSIGNED } from "./picture";
import { type Place, useBoard } from "./store";
import { movable } from "./Visit";
import { beside, elementOf, over, spotOf } from "./week";

const QUARTER = 15 * MINUTE;

/** The next one in a direction: along the lane by time, or on the nearest lane that has any. */
export function next(picture: Picture, ids: readonly string[], from: Place, key: string): Place | null {
  const items = standsOn(picture, from.lane);
  const place = items.findIndex((one) => one.id === from.id);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const one = items[place + (key === "ArrowRight" ? 1 : -1)];
    return one ? { id: one.id, lane: from.lane } : null;
  }
  const start = items[place]?.start ?? 0;
  const step = key === "ArrowDown" ? 1 : -1;
  for (let n = ids.indexOf(from.lane) + step; n >= 0 && n < ids.length; n += step) {
    const lane = ids[n] as string;
    const others = standsOn(picture, lane);
    const [first] = others;
    if (!first) continue;
    const near = others.reduce((best, one) =>
      Math.abs(one.start - start) < Math.abs(best.start - start) ? one : best,
    );
    return { id: near.id, lane };
  }
  return null;
}

const ARROWS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

/** What a key does on the board; true: it was for the board. `show` brings a visit into sight. */
export function key(event: KeyboardEvent, show: (place: Place) => void): boolean {
  const block = (event.target as HTMLElement).closest<HTMLElement>("[data-visit],[data-beside]");
  const { picture } = useBoard.getState();
  const ids = holding.stage.sizes?.ids ?? null;
  if (!block || !picture) return false;
  const { visit = "", beside: other = "", lane: on = "" } = block.dataset;
  const here = { id: visit || other, lane: on };
  const held = holding.holding();
  if (held && event.key === "Escape") {
    letGo();
    return true;
  }
  if (held && event.key === "Enter") {
    const answered = holding.drop();
    follow(here.id, held.lane);
    // taken back where it was refused
    void answered.then(() => follow(here.id, held.lane));
    return true;
  }
  if (!ARROWS.has(event.key)) return false;
  if (!event.altKey && !held) {
    if (!ids) return false; // in a week Tab goes from one to the next
    const found = next(picture, ids, here, event.key);
    if (found) show(found);
    return true;
  }
  const cell = picture.cells[here.id];
  const span = cell && standing(cell);
  if (!cell || !span) return false;
  if (!holding.stage.moves) {
    say(
      picture.meta.as_of
        ? "This is the board as it was: nothing moves on it."
        : "You may look, and not move.",
    );
    return true;
  }
  if (!movable(cell)) {
    say(`${cell.customer} cannot be moved any more.`);
    return true;
  }
  if (!held)
    holding.begin(cell, picture.lanes[here.lane] ? here.lane : null, span.start, span.end, here.lane);
  const now = holding.holding();
  if (!now) return true;
  if (!ids) {
    const spot = beside(
      picture,
      { lane: now.lane, day: now.day ?? spotOf(picture, cell, here.lane)?.day ?? "" },
      event.key,
    );
    const element = elementOf(spot);
    element?.scrollIntoView({ block: "nearest", inline: "nearest" });
    const place = element?.getBoundingClientRect();
    holding.to(over(picture, cell, spot), place?.left ?? 0, place?.top ?? 0);
    return true;
  }
  let { start, end, lane } = now;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    const by = event.key === "ArrowRight" ? QUARTER : -QUARTER;
    if (event.shiftKey) end = Math.max(start + QUARTER, end + by);
    else {
      start += by;
      end += by;
    }
  } else {
    const step = event.key === "ArrowDown" ? 1 : -1;
    lane = ids[Math.min(ids.length - 1, Math.max(0, ids.indexOf(lane) + step))] ?? lane;
  }
  holding.to({ start, end, lane, target: lane === UNASSIGNED && !cell.planned_start ? "none" : "time" });
  inSight(start, lane);
  return true;
}

function inSight(start: number, lane: string): void {
  const { element, sizes } = holding.stage;
  if (!element || !sizes) return;
  const row = sizes.ids.indexOf(lane);
  const top = sizes.starts[row] ?? 0;
  if (top < element.scrollTop) element.scrollTop = top;
  const bottom = top + (sizes.heights[row] ?? 0) + 28;
  if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
  const x = ((start - sizes.axis.start) / 3_600_000) * sizes.axis.hour;
  const room = element.clientWidth - sizes.lane;
  if (x < element.scrollLeft || x > element.scrollLeft + room - 120)
    element.scrollLeft = Math.max(0, x - room / 3);
  holding.to({});
}

const elementOn = (id: string, lane: string): HTMLElement | null =>
  document.querySelector<HTMLElement>(
    `:is([data-visit="${CSS.escape(id)}"],[data-beside="${CSS.escape(id)}"])[data-lane="${CSS.escape(lane)}"]`,
  );

/** Bring a visit, or what stands beside it, into sight and put the keyboard on it. */
export function show({ id, lane }: Place): void {
  const { picture } = useBoard.getState();
  const item = picture && standsOn(picture, lane).find((one) => one.id === id);
  if (item) inSight(item.start, lane);
  const before = document.activeElement;
  useBoard.setState({ focus: { id, lane } });
  // drawn by the scroll, it is there after the next frame
  requestAnimationFrame(() => {
    const now = document.activeElement;
    // whoever has gone on meanwhile, into a menu say, is not called back
    if (now && now !== before && now !== document.body && !now.closest(".board-scroll")) return;
    elementOn(id, lane)?.focus({ preventScroll: true });
  });
}

/** Stay on a visit that was let go, wherever it stands now: on this lane, if it does. Whoever is elsewhere by then
 * stays there. */
function follow(id: string, lane: string): void {
  const { picture } = useBoard.getState();
  const on = document.activeElement;
  const here = on === document.body || (on instanceof HTMLElement && on.dataset.visit === id);
  if (!picture || !here) return;
  const stands = (one: string) => picture.rows[one]?.items.some((item) => item.id === id);
  const found = stands(lane) ? lane : holding.stage.sizes?.ids.find(stands);
  if (found) show({ id, lane: found });
}

/** Whatever is held stays where it was, and that is said. */
export function letGo(): void {
  if (!holding.holding()) return;
  holding.cancel();
  say("Not moved.");
}

function say(words: string): void {
  if (holding.stage.said) holding.stage.said.textContent = words;
}

/** Where the keyboard is first: the first visit of the first lane that has one. */
export function firstOf(picture: Picture, ids: readonly string[]): Place | null {
  for (const lane of ids) {
    const [item] = standsOn(picture, lane);
    if (item) return { id: item.id, lane };
  }
  return null;
}

export const planned = (picture: Picture, id: string): number => at(picture.cells[id]?.planned_start);
