/**
 * A visit that is held over the board, by the mouse or by the keyboard: one element moved by `transform`, and what
 * would come of it in words beside it. Nothing is drawn by React while it is held, and nothing is sent.
 */

import { api, ask } from "@/api/client";
import { instantOf } from "@/ui/wall";
import * as clock from "./clock";
import type { Consequence } from "./consequence";
import type { Sizes } from "./DayBoard";
import { dropOn, isPartly, put, takeOff } from "./deeds";
import { dragOf } from "./gaps";
import { spanAt, xOf } from "./geometry";
import { isUnmade } from "./making";
import { at, type Cell, leaving, type Picture, UNASSIGNED, WITHOUT } from "./picture";
import { useBoard } from "./store";
import { elementOf } from "./week";

/** Where it would go: to a time on a lane, into the first gap of a lane, off the board, or nowhere. */
export type Target = "time" | "name" | "off" | "none";

export interface Held {
  cell: Cell;
  from: string | null;
  start: number;
  end: number;
  lane: string;
  /** Over a week: the day of that lane. */
  day: string | null;
  target: Target;
}

/** Where it is held next. */
export type Next = Partial<Pick<Held, "start" | "end" | "lane" | "day" | "target">>;

const REST = 160;
const AXIS = 28;

const REFUSALS: Record<string, string> = {
  double_booking: "the time is taken",
  skill_missing: "a skill is missing",
  locked: "it is locked",
  outside_access_hours: "the site cannot be entered then",
  technician_inactive: "the technician does not work here any more",
  illegal_transition: "it cannot be moved any more",
  do_not_service: "the customer is not served",
  credit_hold: "the customer's credit is on hold",
};

let ghost: HTMLDivElement | null = null;
let box: HTMLDivElement | null = null;
let line: HTMLDivElement | null = null;
let held: Held | null = null;
let rest: ReturnType<typeof setTimeout> | undefined;
let asked = 0;

export const holding = (): Held | null => held;

/** Where the board is on the screen, how its rows lie, and whether this person may hold anything on it. */
export const stage: {
  element: HTMLElement | null;
  /** Null: it is a week, and has spots instead (`week.ts`). */
  sizes: Sizes | null;
  said: HTMLElement | null;
  moves: boolean;
} = {
  element: null,
  sizes: null,
  said: null,
  moves: false,
};

export function begin(cell: Cell, from: string | null, start: number, end: number, lane: string): void {
  held = { cell, from, start, end, lane, day: null, target: "none" };
  ghost = document.createElement("div");
  ghost.className = "ghost";
  box = document.createElement("div");
  box.className = "ghost-box";
  box.textContent = cell.customer;
  line = document.createElement("div");
  line.className = "ghost-words";
  ghost.append(box, line);
  document.body.append(ghost);
  mark(true);
}

function mark(on: boolean): void {
  if (!held) return;
  for (const one of document.querySelectorAll<HTMLElement>(`[data-visit="${CSS.escape(held.cell.id)}"]`)) {
    if (on) one.dataset.held = "true";
    else delete one.dataset.held;
  }
}

let over: HTMLElement | null = null;
function overWhat(id: string | null, day: string | null = null): void {
  const next =
    id === null
      ? null
      : day === null
        ? document.querySelector<HTMLElement>(`[data-name="${CSS.escape(id)}"]`)
        : elementOf({ lane: id, day });
  if (over === next) return;
  if (over) delete over.dataset.over;
  over = next;
  if (over) over.dataset.over = "true";
}

/** Hold it somewhere else; `x` and `y` are the pointer's, where there is one. */
export function to(next: Next, x?: number, y?: number): void {
  if (!held || !ghost || !box || !line) return;
  const { sizes, element } = stage;
  const same =
    next.start === held.start &&
    next.end === held.end &&
    next.lane === held.lane &&
    (next.day ?? null) === held.day &&
    next.target === held.target;
  Object.assign(held, next);
  if (held.target === "time" && sizes && element) {
    const place = element.getBoundingClientRect();
    const row = sizes.ids.indexOf(held.lane);
    const left = place.left + sizes.lane + xOf(sizes.axis, held.start) - element.scrollLeft;
    const top = place.top + AXIS + (sizes.starts[row] ?? 0) + 5 - element.scrollTop;
    ghost.style.transform = `translate(${left}px, ${top}px)`;
    if (!same) box.style.width = `${xOf(sizes.axis, held.end) - xOf(sizes.axis, held.start)}px`;
  } else if (x !== undefined && y !== undefined) {
    ghost.style.transform = `translate(${x + 8}px, ${y + 8}px)`;
    if (!same) box.style.width = "130px";
  }
  if (same) return;
  overWhat(held.target === "name" || held.target === "time" ? held.lane : null, held.day);
  reckon();
}

/** What would come of it, in words. */
function reckon(): void {
  if (!held) return;
  const { picture } = useBoard.getState();
  clearTimeout(rest);
  asked++; // an answer about where it was before is no answer any more
  if (!picture) return;
  const zone = picture.meta.time_zone;
  const name = picture.lanes[held.lane]?.name ?? "";
  if (held.target === "none") {
    tell("", false);
    return;
  }
  if (held.target === "off") {
    tell("Take it off the board; what was promised stands", false);
    return;
  }
  if (held.target === "name") {
    const on = held.day ? ` of ${clock.day(Date.parse(instantOf(`${held.day}T12:00`, zone)), zone)}` : "";
    tell(`Into the first gap of ${name}'s day${on}`, false);
    return;
  }
  const on = held.day ? `${clock.day(held.start, zone)}, ` : "";
  const when = `${on}${clock.span(held.start, held.end, zone)}, ${name}`;
  const drop = dropOf(picture, held);
  if (!drop || isPartly(picture, held.cell)) {
    tell(when, false);
    return;
  }
  const found = dragOf(picture)?.over({ visit: held.cell, ...drop }) ?? null;
  if (found) {
    tell(`${when}: ${wordsOf(found, picture, held.lane)}`, found.refusal !== null);
  } else {
    tell(when, false);
    rest = setTimeout(() => void askServer(when, picture), REST);
  }
}

interface DropAsked {
  technician_ids: string[];
  start: string;
  end: string;
}

function dropOf(picture: Picture, { cell, from: taken, lane, start, end }: Held): DropAsked | null {
  if (lane === UNASSIGNED || lane === WITHOUT) return null;
  const from = leaving(picture, cell, taken, lane);
  const assigned = cell.assigned.map((one) => one.technician_id);
  const ids =
    picture.meta.by === "technicians"
      ? [lane, ...assigned.filter((id) => id !== from && id !== lane)]
      : picture.meta.by === "crews"
        ? (picture.lanes[lane]?.member_ids ?? [])
        : assigned;
  if (!ids.length) return null;
  const moment = (time: number) => new Date(time).toISOString().replace(".000Z", "Z");
  return { technician_ids: ids, start: moment(start), end: moment(end) };
}

async function askServer(when: string, picture: Picture): Promise<void> {
  const now = held;
  const drop = now && dropOf(picture, now);
  if (!now || !drop || isUnmade(now.cell.id)) return;
  const number = ++asked;
  try {
    const found = await ask(
      api.POST("/api/v2/board/consequence", { body: { visit_id: now.cell.id, ...drop } } as never),
    );
    if (number === asked && held === now) {
      const told = found as unknown as Consequence & { refusal: { detail?: string } | null };
      const words = told.refusal?.detail ?? wordsOf(told, picture, now.lane);
      tell(`${when}: ${words}`, told.refusal !== null);
    }
  } catch {
    // what would come of it is not known; the answer to the drop says it
    if (number === asked && held === now) tell(`${when}: what would come of it cannot be said now`, false);
  }
}

/** "+12 min drive, arrives 10:05 AM, pushes Smith to 1:20 PM: late". */
export function wordsOf(found: Consequence, picture: Picture, lane: string): string {
  const zone = picture.meta.time_zone;
  if (found.refusal)
    return `not possible, ${REFUSALS[found.refusal.code] ?? found.refusal.code.replaceAll("_", " ")}`;
  const words: string[] = [];
  const signed = (minutes: number) => `${minutes > 0 ? "+" : ""}${clock.length(minutes)}`;
  for (const one of found.lanes) {
    const whose =
      one.technician_id === lane ? "" : ` for ${picture.lanes[one.technician_id]?.name ?? "another"}`;
    if (one.more.drive_minutes) words.push(`${signed(one.more.drive_minutes)} drive${whose}`);
    if (one.more.overtime_minutes) words.push(`${signed(one.more.overtime_minutes)} overtime${whose}`);
  }
  const stop = found.stops[0];
  if (stop) {
    words.push(`arrives ${clock.time(at(stop.arrive), zone)}${stop.late ? ": late" : ""}`);
  }
  for (const one of found.moves) {
    const name = picture.cells[one.visit_id]?.customer ?? "another visit";
    if (one.minutes > 0) {
      words.push(`pushes ${name} to ${clock.time(at(one.arrive), zone)}${one.late ? ": late" : ""}`);
    }
  }
  words.push(...found.warnings.map((one) => WARNINGS[one.code] ?? one.code.replaceAll("_", " ")));
  return words.join(", ") || "nothing else changes";
}

const WARNINGS: Record<string, string> = {
  overtime: "overtime",
  outside_shift: "outside the shift",
  no_room_for_break: "no room for the break",
  crew_incomplete: "too few people",
  outside_promise: "outside what was promised",
};

function tell(words: string, refused: boolean): void {
  if (line && line.textContent !== words) {
    line.textContent = words;
    line.dataset.refused = String(refused);
  }
  if (stage.said && stage.said.textContent !== words) stage.said.textContent = words;
}

/** Let go without doing anything. */
export function cancel(): void {
  if (!held) return;
  mark(false);
  overWhat(null);
  clearTimeout(rest);
  ghost?.remove();
  ghost = box = line = null;
  held = null;
}

/** Let go where it is: the one moment at which something is done. */
export function drop(): Promise<boolean> {
  const now = held;
  cancel();
  if (!now) return Promise.resolve(false);
  const { cell, from, start, end, lane, day, target } = now;
  const nothing = from === lane && start === at(cell.planned_start) && end === at(cell.planned_end);
  if (target === "none" || (target === "time" && nothing)) return Promise.resolve(false);
  if (target === "off" || lane === UNASSIGNED) {
    return cell.planned_start ? takeOff(cell, from) : Promise.resolve(false);
  }
  if (target === "name") return dropOn(cell, from, lane, day);
  if (lane === WITHOUT) return Promise.resolve(false);
  return put(cell, { start, end, from, to: lane });
}

/** Which lane a height of the screen is in. */
export function laneAt(y: number): string | null {
  const { element, sizes } = stage;
  if (!element || !sizes) return null;
  const inside = y - element.getBoundingClientRect().top - AXIS + element.scrollTop;
  return sizes.ids[spanAt(sizes.starts, inside)] ?? null;
}
