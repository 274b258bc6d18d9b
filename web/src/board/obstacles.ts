/** What a drop would be refused for, and warned of, as far as board and table tell. */

import type { Days } from "./days.ts";
import { promised } from "./days.ts";
import type { Cell, Span } from "./shapes.ts";
import { perhaps, seconds, span } from "./shapes.ts";

const DROPPABLE = new Set(["tentative", "unscheduled", "scheduled", "dispatched"]);
/** Their planned time is theirs until they end. */
const OCCUPYING = new Set([
  "tentative",
  "scheduled",
  "dispatched",
  "en_route",
  "on_site",
  "working",
  "paused",
]);
const AT_WORK = new Set(["work", "on_call", "break"]);

export interface Warned {
  code: "overtime" | "outside_shift" | "no_room_for_break" | "crew_incomplete" | "outside_promise";
  technician_id: string | null;
}

/** The code of the first thing that stands in the way, in the order in which the server looks. */
export function refused(
  days: Days,
  visit: Cell,
  who: readonly string[],
  start: number,
  end: number,
): string | null {
  const { table } = days;
  if (!DROPPABLE.has(visit.status)) return "illegal_transition";
  const said = table.refused[visit.id] ?? [];
  const ended = said.find((code) => code.startsWith("work_order"));
  if (ended !== undefined) return ended;
  if (who.some((id) => !days.lanes.get(id)?.active)) return "technician_inactive";
  const present = new Set(visit.assigned.map((one) => one.technician_id));
  const otherTime = perhaps(visit.planned_start) !== start || perhaps(visit.planned_end) !== end;
  const otherPeople = present.size !== who.length || who.some((id) => !present.has(id));
  const { lock } = visit;
  if (otherTime && (lock === "time" || lock === "both")) return "locked";
  if (otherPeople && (lock === "resource" || lock === "both")) return "locked";
  const banner = said[0];
  if (banner !== undefined) return banner;
  const give = table.rules.access_tolerance_seconds;
  const open = table.access[visit.site_id];
  if (open?.every((one) => seconds(one.start) - give > start || end > seconds(one.end) + give))
    return "outside_access_hours";
  const number = days.at(start) ?? 0;
  const skills = who.map((id) => days.of(id)?.tabled[number]?.skills ?? {});
  for (const [skill, level] of Object.entries(table.needs[visit.job_type_id] ?? {})) {
    if (skills.every((has) => (has[skill] ?? 0) < level)) return "skill_missing";
  }
  if (!otherTime && !otherPeople) return null;
  const taken = who.some((id) => booked(days, id, visit.id).some(([low, high]) => low < end && high > start));
  return taken ? "double_booking" : null;
}

/** What is booked of somebody on the days of the board, but for this visit. */
function booked(days: Days, lane: string, visit: string): Span[] {
  const of = days.of(lane);
  if (of === null) return [];
  const found: Span[] = of.tabled.flatMap((day) => day.off.map(span));
  for (const day of of.shown) {
    for (const id of day.visit_ids) {
      const cell = days.cells.get(id);
      if (cell === undefined || id === visit || cell.status === "canceled") continue;
      if (cell.planned_start === null || cell.planned_end === null) continue;
      const end = seconds(cell.planned_end);
      const until = OCCUPYING.has(cell.status) ? end : Math.min(end, perhaps(cell.finished_at) ?? end);
      found.push([seconds(cell.planned_start), until]);
    }
    for (const one of [...day.events, ...day.busy]) found.push(span(one));
    for (const one of day.holds) if (seconds(one.expires_at) > days.now) found.push(span(one));
  }
  return found;
}

export function warned(
  days: Days,
  visit: Cell,
  who: readonly string[],
  start: number,
  end: number,
): Warned[] {
  const found: Warned[] = [];
  for (const id of who) {
    for (const code of hours(days, id, start, end)) found.push({ code, technician_id: id });
  }
  if (who.length < visit.crew_size) found.push({ code: "crew_incomplete", technician_id: null });
  const window = promised(visit);
  if (window !== null && (start < window[0] || start > window[1])) {
    found.push({ code: "outside_promise", technician_id: null });
  }
  return found;
}

/** Whether it lies in what somebody works; of days that the board does not hold nothing is said. */
function hours(days: Days, lane: string, start: number, end: number): Warned["code"][] {
  const shown = days.of(lane)?.shown ?? [];
  const known = shown.filter((day) => day.known).map(span);
  const pieces = shown.flatMap((day) => day.pieces);
  const inside = pieces.filter((one) => AT_WORK.has(one.kind)).map(span);
  const wanted = minus([[start, end]], minus([[start, end]], known));
  const outside = minus(wanted, inside);
  const found: Warned["code"][] = [];
  if (outside.length > 0) {
    const over = shown.flatMap((day) => day.overtime.map(span));
    found.push(minus(outside, over).length > 0 ? "outside_shift" : "overtime");
  }
  for (const one of pieces) {
    const [low, high] = span(one);
    if (one.kind === "break" && start < high && low < end) found.push("no_room_for_break");
  }
  return found;
}

/** What of the spans is not taken. */
function minus(spans: Span[], taken: readonly Span[]): Span[] {
  let left = spans;
  for (const [start, end] of taken) {
    if (start >= end) continue;
    left = left.flatMap(([low, high]): Span[] => {
      const parts: Span[] = [
        [low, Math.min(high, start)],
        [Math.max(low, end), high],
      ];
      return parts.filter(([begins, ends]) => begins < ends);
    });
  }
  return left;
}
