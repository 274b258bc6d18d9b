/** The mouse, or a finger, on the board: pick up, move, let go. A press that does not move is a click. */

import { HOUR, MINUTE, snapped, timeAt } from "./geometry";
import * as holding from "./holding";
import { letGo } from "./keyboard";
import { at, type Cell, standing } from "./picture";
import { listening } from "./pressing";
import { useBoard } from "./store";
import { movable } from "./Visit";
import { over, spotAt } from "./week";

const FAR = 5;
const EDGE = 40;

interface Press {
  x: number;
  y: number;
  cell: Cell;
  from: string | null;
  /** How far into the visit it was taken, in ms. */
  into: number;
  end: boolean;
  pointer: number;
}

/** Listen on what holds the board and the tray; returns how to end it. `rows` says what a row of the tray is. */
export function pointing(root: HTMLElement, rows: (key: string) => Cell | null): () => void {
  let press: Press | null = null;
  let last = { x: 0, y: 0, fine: false };
  let frame = 0;

  function down(event: PointerEvent): void {
    if (press) return;
    letGo(); // whatever the keyboard holds is not what is pressed now
    if (event.button !== 0) return;
    const target = event.target as HTMLElement;
    const block = target.closest<HTMLElement>("[data-visit]");
    const row = target.closest<HTMLElement>("[data-tray]");
    if (event.pointerType === "touch" && !block) return;
    const { element, sizes } = holding.stage;
    // a week is full of them, and a finger scrolls it
    if (event.pointerType === "touch" && !sizes) return;
    if (block && element) {
      const cell = useBoard.getState().picture?.cells[block.dataset.visit ?? ""];
      const span = cell && standing(cell);
      if (!cell || !span || !movable(cell)) return;
      const left = element.getBoundingClientRect().left - element.scrollLeft;
      const into = sizes && timeAt(sizes.axis, event.clientX - left - sizes.lane) - span.start;
      const lane = block.dataset.lane ?? "";
      const { picture } = useBoard.getState();
      press = {
        x: event.clientX,
        y: event.clientY,
        cell,
        from: picture?.lanes[lane] ? lane : null,
        into: into ?? 0,
        end: target.dataset.end !== undefined,
        pointer: event.pointerId,
      };
    } else if (row) {
      const cell = rows(row.dataset.tray ?? "");
      if (!cell) return;
      press = {
        x: event.clientX,
        y: event.clientY,
        cell,
        from: null,
        into: Math.min(HOUR / 2, (cell.duration_minutes * MINUTE) / 2),
        end: false,
        pointer: event.pointerId,
      };
    }
  }

  function move(event: PointerEvent): void {
    if (!press || event.pointerId !== press.pointer) return;
    last = { x: event.clientX, y: event.clientY, fine: event.shiftKey };
    if (!holding.holding()) {
      if (Math.hypot(event.clientX - press.x, event.clientY - press.y) < FAR) return;
      const { cell, from } = press;
      const start = cell.planned_start ? at(cell.planned_start) : 0;
      const end = cell.planned_end ? at(cell.planned_end) : start + cell.duration_minutes * MINUTE;
      useBoard.setState({ open: null });
      holding.begin(cell, from, start, end, from ?? "");
      root.setPointerCapture(event.pointerId);
      document.body.dataset.dragging = "true";
    }
    event.preventDefault();
    step();
    if (!frame) frame = requestAnimationFrame(edges);
  }

  function step(): void {
    const now = holding.holding();
    const { element, sizes } = holding.stage;
    if (!press || !now) return;
    const { x, y } = last;
    const place = element?.getBoundingClientRect();
    if (!element || !place || y < place.top || y > place.bottom || x < place.left || x > place.right) {
      const tray = document.elementFromPoint(x, y)?.closest(".tray");
      holding.to({ target: tray && now.from ? "off" : "none" }, x, y);
      return;
    }
    if (!sizes) {
      const { picture } = useBoard.getState();
      const spot = spotAt(x, y);
      holding.to(picture && spot ? over(picture, press.cell, spot) : { target: "none" }, x, y);
      return;
    }
    const grid = snapped(
      timeAt(sizes.axis, x - place.left - sizes.lane + element.scrollLeft) - (press.end ? 0 : press.into),
      (last.fine ? 5 : 15) * MINUTE,
    );
    if (press.end) {
      holding.to({
        target: "time",
        lane: now.from ?? now.lane,
        start: now.start,
        end: Math.max(grid, now.start + 15 * MINUTE),
      });
      return;
    }
    const lane = holding.laneAt(y) ?? now.lane;
    if (x < place.left + sizes.lane) {
      holding.to({ target: "name", lane }, x, y);
      return;
    }
    const long =
      press.cell.planned_end && press.cell.planned_start
        ? at(press.cell.planned_end) - at(press.cell.planned_start)
        : press.cell.duration_minutes * MINUTE;
    holding.to({ target: "time", lane, start: grid, end: grid + long });
  }

  /** At the edge the board moves on beneath it. */
  function edges(): void {
    frame = 0;
    const { element, sizes } = holding.stage;
    if (!holding.holding() || !element) return;
    const lane = sizes?.lane ?? 0;
    const place = element.getBoundingClientRect();
    const dx =
      last.x > place.right - EDGE
        ? 12
        : last.x < place.left + lane + EDGE && last.x > place.left + lane
          ? -12
          : 0;
    const dy =
      last.y > place.bottom - EDGE ? 10 : last.y < place.top + 28 + EDGE && last.y > place.top ? -10 : 0;
    const within = last.x > place.left && last.x < place.right && last.y > place.top && last.y < place.bottom;
    if (within && (dx || dy)) {
      element.scrollBy(dx, dy);
      step();
      frame = requestAnimationFrame(edges);
    }
  }

  function end(): void {
    press = null;
    delete document.body.dataset.dragging;
    cancelAnimationFrame(frame);
    frame = 0;
  }

  function up(event: PointerEvent): void {
    if (!press || event.pointerId !== press.pointer) return;
    if (holding.holding()) {
      void holding.drop();
    }
    end();
  }

  function keys(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !(press || holding.holding())) return;
    event.preventDefault();
    event.stopPropagation();
    letGo();
    end();
  }

  /** The focus leaves a visit that the keyboard holds; the window's own going behind another is no leaving. */
  function left(event: FocusEvent): void {
    const id = holding.holding()?.cell.id;
    const block = (one: EventTarget | null) =>
      one instanceof Element ? one.closest<HTMLElement>("[data-visit]")?.dataset.visit : undefined;
    if (press || !document.hasFocus() || block(event.target) !== id || block(event.relatedTarget) === id)
      return;
    letGo();
  }

  function lost(): void {
    holding.cancel();
    end();
  }

  return listening(
    root,
    { down, move, up, lost, left, keys },
    () => press !== null && holding.holding() !== null,
  );
}
