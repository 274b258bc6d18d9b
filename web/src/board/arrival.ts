/** What one says to the customer in a message: when somebody comes, or that nobody does. */

import type { Schemas } from "@/api/client";
import { toast } from "@/ui/toast";
import * as clock from "./clock";
import { at } from "./picture";

type Visit = Schemas["VisitOut"];

interface Span {
  start: number;
  end: number;
}

/** Whoever leads it, whatever lanes the board shows. */
function comes(visit: Visit): string {
  const who = visit.assignments.filter((one) => one.status !== "declined" && one.status !== "removed");
  return (who.find((one) => one.is_lead) ?? who[0])?.name ?? "Our technician";
}

/** A window, or the planned time, with its day and zone. */
export function arrivalText(visit: Visit, { start, end }: Span): string {
  const zone = visit.time_zone;
  const when = end > start ? `between ${clock.span(start, end, zone)}` : `at ${clock.time(start, zone)}`;
  return `${comes(visit)} will arrive ${when} ${clock.zoneName(start, zone)} on ${clock.day(start, zone)} at ${visit.site.address}.`;
}

const spoken = ({ start, end }: Span, zone: string): string =>
  `${clock.day(start, zone)}, ${clock.span(start, end, zone)}`;

/** Another window than the one that was told. */
export const insteadText = (visit: Visit, now: Span, before: Span | null): string =>
  `${arrivalText(visit, now)}${before ? ` This takes the place of ${spoken(before, visit.time_zone)}.` : ""}`;

/** Nobody comes, though a window was told. */
export const calledOffText = (visit: Visit, told: Span): string =>
  `Our visit on ${spoken(told, visit.time_zone)} ${clock.zoneName(told.start, visit.time_zone)} at ${visit.site.address} does not take place.`;

/** What was promised, or what is planned. */
export function standingSpan(visit: Visit): Span | null {
  const start = visit.promised_start ?? visit.planned_start;
  if (!start) return null;
  return { start: at(start), end: at(visit.promised_end ?? start) };
}

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ text: `Copied: “${text}”` });
  } catch {
    toast({ text: `This browser does not let us copy. The text: “${text}”`, tone: "danger" });
  }
}

export async function copyArrival(visit: Visit): Promise<void> {
  const span = standingSpan(visit);
  if (span) await copy(arrivalText(visit, span));
}
