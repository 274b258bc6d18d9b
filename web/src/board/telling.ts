/** Customers to tell: what they were told, what is so now, and what one writes to them. Clocks are the site's. */

import { useQuery } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { arrivalText, calledOffText, insteadText, standingSpan } from "./arrival";
import * as clock from "./clock";
import { at } from "./picture";
import { dayOfPlan, momentsOf, offeredOn, suiting } from "./promising";
import { VIA } from "./words";

export type ToTellRow = Schemas["ToTellOut"];

/** So many the API names at a time. */
export const MOST = 200;

/** Read again with the tray, of which it is a tab. */
export const useToTell = () =>
  useQuery({
    queryKey: ["board-tray", "customers-to-tell"],
    queryFn: async () => (await ask(api.GET("/api/v2/customers-to-tell"))).data,
    refetchInterval: 60_000,
  });

/** What they were told last, or null. */
export function toldWords(row: ToTellRow, board: string): string | null {
  if (!row.told_start || !row.told_end || !row.told_via) return null;
  return `${clock.told(at(row.told_start), at(row.told_end), row.time_zone, board)}, ${VIA[row.told_via]}`;
}

/** What is so now. */
export function nowWords(row: ToTellRow, board: string): string {
  const { planned_start: plan, promised_start: start, promised_end: end, time_zone: zone } = row;
  if (row.reason === "canceled") return "cancelled, nobody comes";
  if (row.reason === "planned_outside" && plan) {
    return `planned for ${clock.day(at(plan), zone)}, ${clock.time(at(plan), zone)}${clock.named(at(plan), zone, board)}`;
  }
  return start && end ? `written down: ${clock.told(at(start), at(end), zone, board)}` : "not told yet";
}

/** Whether the window that they know of, or the plan, is of today. */
export function isToday(row: ToTellRow, now: number): boolean {
  const today = clock.dateIn(now, row.time_zone);
  return [row.told_start, row.promised_start, row.planned_start].some(
    (one) => one !== null && clock.dateIn(at(one), row.time_zone) === today,
  );
}

/** "2 d ago", "3 h ago". */
export function ago(since: string, now: number): string {
  const hours = Math.floor((now - at(since)) / 3_600_000);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ago`;
  return hours > 0 ? `${hours} h ago` : "just now";
}

/** What one writes to them; the plan is told as the window that would be promised around it. */
export async function textFor(row: ToTellRow): Promise<string> {
  const visit = await ask(api.GET("/api/v2/visits/{id}", { params: { path: { id: row.visit_id } } }));
  const told = row.told_start && row.told_end ? { start: at(row.told_start), end: at(row.told_end) } : null;
  if (row.reason === "canceled" && told) return calledOffText(visit, told);
  if (row.reason === "planned_outside") {
    const day = dayOfPlan(visit, Date.now());
    const hours = suiting(visit, day, await offeredOn(visit, day).queryFn());
    if (hours) return insteadText(visit, momentsOf(day, hours, visit.time_zone), told);
  }
  const span = standingSpan(visit);
  if (!span) throw new Error("Nothing is promised or planned any more.");
  return arrivalText(visit, span);
}
