/** What a visit says beside the customer's name: the facts that somebody chose, as far as there is room for each
 * whole. Pure. */

import * as clock from "./clock";
import { at, type Cell } from "./picture";
import type { CardField } from "./settings";

export const FIELDS: readonly { value: CardField; text: string }[] = [
  { value: "time", text: "Planned time" },
  { value: "promised", text: "Promised window" },
  { value: "duration", text: "How long it takes" },
  { value: "job_type", text: "Kind of work" },
  { value: "number", text: "Number of the work order" },
  { value: "city", text: "City" },
  { value: "street", text: "Street" },
  { value: "phone", text: "Phone" },
];

export const MOST = 4;

/** How wide letters are at most, and what stands beside the facts: the sign of the status, and a mark. */
const LETTER = 6.2;
const DIGIT = 7.5;
const CAPITAL = 9;
const ICONS = 26;
const GAP = 14;

function said(cell: Cell, field: CardField, zone: string): string[] {
  switch (field) {
    case "time": {
      if (!cell.planned_start || !cell.planned_end) return [clock.length(cell.duration_minutes)];
      const start = clock.short(at(cell.planned_start), zone);
      return [`${start}–${clock.short(at(cell.planned_end), zone)}`, start];
    }
    case "promised": {
      if (!cell.promised_start || !cell.promised_end) return [];
      // by the clock of those who were told it, which is named where it is another
      const [start, end] = [at(cell.promised_start), at(cell.promised_end)];
      const whose = clock.named(start, cell.time_zone, zone);
      return [`⌂ ${clock.short(start, cell.time_zone)}–${clock.short(end, cell.time_zone)}${whose}`];
    }
    case "duration":
      return [clock.length(cell.duration_minutes)];
    case "phone":
      return cell.phone ? [cell.phone] : [];
    default:
      return cell[field] ? [cell[field]] : [];
  }
}

const wide = (text: string): number =>
  [...text].reduce((sum, one) => sum + (/\d/.test(one) ? DIGIT : /\p{Lu}/u.test(one) ? CAPITAL : LETTER), 0);

/** What is said of it in so many pixels: nothing is cut, a fact that does not fit is left out or said shorter. */
export function factsOf(cell: Cell, fields: readonly CardField[], width: number, zone: string): string[] {
  let room = width - ICONS;
  const found: string[] = [];
  for (const field of fields) {
    const text = said(cell, field, zone).find((one) => wide(one) <= room);
    if (text === undefined) continue;
    found.push(text);
    room -= wide(text) + GAP;
  }
  return found;
}
