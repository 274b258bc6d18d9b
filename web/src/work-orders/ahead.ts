/** What lies ahead of a work order, and how long it has waited. */

import type { Schemas } from "@/api/client";

type WorkOrder = Schemas["WorkOrderOut"];

/** The visit that comes next, or the one that goes on: of those that are not over, the first. */
export function nextVisit(visits: WorkOrder["visits"]): WorkOrder["visits"][number] | null {
  const ahead = visits.filter(
    (one) =>
      !["completed", "incomplete", "no_access", "no_show", "canceled"].includes(one.status) &&
      (one.promised_start ?? one.planned_start) !== null,
  );
  const start = (one: (typeof ahead)[number]) => one.promised_start ?? one.planned_start ?? "";
  return ahead.sort((one, other) => start(one).localeCompare(start(other)))[0] ?? null;
}

/** How long it has been there, short: "now", "40 min", "5 h", "12 d", "8 mo". */
export function age(since: string, now: number = Date.now()): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
  if (minutes < 60) return minutes ? `${minutes} min` : "now";
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h`;
  const days = Math.floor(hours / 24);
  return days < 100 ? `${days} d` : `${Math.floor(days / 30.44)} mo`;
}
