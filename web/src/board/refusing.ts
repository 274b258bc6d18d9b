/** Why something was not done, in words; and what somebody who may can have done all the same. */

import { create } from "zustand";
import { Problem, type Schemas, Unreachable } from "@/api/client";
import { crewOf } from "@/work-orders/crew";
import * as clock from "./clock";
import { at } from "./picture";
import { useBoard } from "./store";

/** Why it was not done. */
export function refusal(error: unknown): string {
  if (error instanceof Unreachable) {
    return "Truckroll cannot be reached. It is not known whether this was done; the board says so once it is.";
  }
  if (error instanceof Problem && error.status === 412) {
    const now = error.body.current as Schemas["VisitOut"] | undefined;
    if (!now?.planned_start || !now.planned_end) return `Somebody else was quicker: ${error.message}`;
    const zone = useBoard.getState().picture?.meta.time_zone ?? now.time_zone;
    const [start, end] = [at(now.planned_start), at(now.planned_end)];
    const elsewhere = clock.named(start, now.time_zone, zone);
    const day =
      clock.day(start, now.time_zone) === clock.day(start, zone)
        ? ""
        : `${clock.day(start, now.time_zone)}, `;
    const there = `${clock.zoneName(start, zone)} (${day}${clock.span(start, end, now.time_zone)}${elsewhere} at the site)`;
    const when = `${clock.told(start, end, zone, zone)}${elsewhere && ` ${there}`}`;
    const who = crewOf(now);
    return `Somebody else was quicker. It is ${when}${who ? ` with ${who}` : ""} now; nothing was overwritten.`;
  }
  return error instanceof Error ? error.message : String(error);
}

export interface Overrulable {
  customer: string;
  /** The obstacle's code, and what it says. */
  code: string;
  detail: string;
  /** Do it all the same: the reason is kept with what was done. */
  again: (reason: string) => Promise<unknown>;
}

/** What was refused a moment ago, and may be overruled by this person. */
export const useOverrulable = create<{ may: ReadonlySet<string>; asked: Overrulable | null }>()(() => ({
  may: new Set(),
  asked: null,
}));

/** Whether this person may have it done with a reason. */
export const mayOverrule = (error: unknown): error is Problem =>
  error instanceof Problem &&
  typeof error.body.permission_to_overrule === "string" &&
  useOverrulable.getState().may.has(error.body.permission_to_overrule);
