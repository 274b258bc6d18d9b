/** What is begun anew on the board, by a key or from a menu: an event, a note, a time that is held. */

import { spotForNew } from "./LaneVerbs";
import { open } from "./layers";
import { isUnmade } from "./making";
import { type Cell, dayOf } from "./picture";
import { pictured, serverNow, useBoard } from "./store";

export const newEvent = (): void => open({ what: "new event", ...spotForNew() });

const focused = (): HTMLElement | null =>
  document.activeElement?.closest<HTMLElement>(":is(.lane,.week-cell) [data-lane]") ?? null;

/** Of whose lane the keyboard is on, or of the day. */
export function newNote(): void {
  const { meta, lanes } = pictured();
  const lane = focused()?.dataset.lane ?? "";
  const technician = meta.by === "technicians" && lanes[lane] ? lane : null;
  open({ what: "notes", day: dayOf(meta, serverNow()), technician });
}

/** A time for a visit, or for the work order that has none yet. */
export function holdFor(cell: Cell, workOrder: string | null = null): void {
  const sought = isUnmade(cell.id) ? { work_order_id: workOrder } : { visit_id: cell.id };
  open({ what: "new hold", whose: cell.customer, sought });
}

/** Whether a time can be looked for: nobody has begun. */
export const holdable = (cell: Cell): boolean =>
  ["unscheduled", "tentative", "scheduled"].includes(cell.status);

/** False: the keyboard is on no visit for which a time can be held. */
export function holdForFocused(): boolean {
  const cell = useBoard.getState().picture?.cells[focused()?.dataset.visit ?? ""];
  if (!cell || !holdable(cell)) return false;
  holdFor(cell);
  return true;
}
