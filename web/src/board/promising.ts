/** A window that a visit is promised for: what is offered, what suits its plan, and how it is written into the ledger.
 * All clocks are the site's. */

import { api, ask, askAll, Problem, type Schemas, seen } from "@/api/client";
import { toast } from "@/ui/toast";
import { instantOf, wallOf } from "@/ui/wall";
import * as clock from "./clock";
import { MINUTE } from "./geometry";
import { keeper } from "./keeper";
import { at } from "./picture";
import { mayOverrule, refusal, useOverrulable } from "./refusing";
import { answered, inTurn, versionOf } from "./turns";
import { noted, undoRequest } from "./undoing";

type Visit = Schemas["VisitOut"];
export type Offered = Pick<Schemas["DayWindowOut"], "start" | "end">;

/** "08:00" and "10:00"; where the end is no later it is of the day after. */
export interface Hours {
  from: string;
  to: string;
}

/** What the organisation offers for this work on a day. */
export const offeredOn = (visit: Visit, day: string) => ({
  queryKey: ["sites", visit.site.id, "arrival-windows", visit.job_type.id, day],
  queryFn: async () =>
    (
      await ask(
        api.GET("/api/v2/sites/{id}/arrival-windows", {
          params: { path: { id: visit.site.id }, query: { job_type_id: visit.job_type.id, day } },
        }),
      )
    ).windows,
});

/** The hours that the clock at the site shows. */
export const hoursOf = (start: number, end: number, zone: string): Hours => ({
  from: wallOf(start, zone).slice(11),
  to: wallOf(end, zone).slice(11),
});

/** The ends of a window as the API takes them. */
export const wallsOf = (day: string, { from, to }: Hours) => ({
  window_start_local: `${day}T${from}`,
  window_end_local: `${to > from ? day : clock.plusDays(day, 1)}T${to}`,
});

/** The day of the plan, or of what was promised, or of now. */
export const dayOfPlan = (
  visit: Pick<Visit, "planned_start" | "promised_start" | "time_zone">,
  now: number,
) =>
  clock.dateIn(
    at(visit.planned_start ?? visit.promised_start ?? new Date(now).toISOString()),
    visit.time_zone,
  );

const HALF_HOUR = 30 * MINUTE;
const USUAL = 120 * MINUTE;

/**
 * What suits the visit on that day: the window that is offered around its plan, or one as long as what was promised;
 * what was promised, where nothing is planned then; null on any other day.
 */
export function suiting(
  visit: Pick<Visit, "planned_start" | "promised_start" | "promised_end" | "time_zone">,
  day: string,
  offered: readonly Offered[],
): Hours | null {
  const zone = visit.time_zone;
  const promised =
    visit.promised_start && visit.promised_end
      ? { start: at(visit.promised_start), end: at(visit.promised_end) }
      : null;
  if (visit.planned_start && clock.dateIn(at(visit.planned_start), zone) === day) {
    const plan = at(visit.planned_start);
    const around = offered.find((one) => at(one.start) <= plan && plan < at(one.end));
    if (around) return hoursOf(at(around.start), at(around.end), zone);
    const start = Math.floor(plan / HALF_HOUR) * HALF_HOUR;
    return hoursOf(start, start + (promised ? promised.end - promised.start : USUAL), zone);
  }
  if (promised && clock.dateIn(promised.start, zone) === day) {
    return hoursOf(promised.start, promised.end, zone);
  }
  return null;
}

/** The moments of a window. */
export function momentsOf(day: string, hours: Hours, zone: string): { start: number; end: number } {
  const walls = wallsOf(day, hours);
  return {
    start: at(instantOf(walls.window_start_local, zone)),
    end: at(instantOf(walls.window_end_local, zone)),
  };
}

/** It was written down: it can be undone, and whoever shows it reads it again. */
export function wrote(response: Response, visit: Visit, words: string): void {
  const requestId = response.headers.get("X-Request-ID") ?? "";
  answered([visit]);
  noted(requestId);
  keeper()?.again([visit.id]);
  keeper()?.told?.();
  toast({ text: words, undo: () => undoRequest(requestId) });
}

/**
 * Send a verb that was asked for in a dialog. What this person may overrule is asked of them; raises every other
 * refusal, in words.
 */
export async function send(
  visit: Visit,
  request: (override?: Schemas["Override"]) => Promise<{ data: Visit; response: Response }>,
  words: (now: Visit) => string,
  override?: Schemas["Override"],
): Promise<void> {
  try {
    await inTurn([visit.id], async () => {
      const { data, response } = await request(override);
      wrote(response, data, words(data));
    });
  } catch (error) {
    if (mayOverrule(error)) {
      const codes = [...(override?.codes ?? []), error.code] as Schemas["Override"]["codes"];
      useOverrulable.setState({
        asked: {
          customer: visit.customer.name,
          code: error.code,
          detail: error.message,
          again: (reason) => send(visit, request, words, { codes, reason }),
        },
      });
      return;
    }
    if (error instanceof Problem && error.status === 412) {
      // it was said what changed: whoever goes on has seen that
      const now = error.body.current as Visit | undefined;
      if (now) answered([now]);
      throw new Error(refusal(error));
    }
    throw error;
  }
}

/** Write what the customer was told into the ledger. Raises as `send` does. */
export const promise = (
  visit: Visit,
  body: Schemas["NewPromise"],
  key: (body: object) => { "Idempotency-Key": string },
): Promise<void> =>
  send(
    visit,
    (override) => {
      const whole = override ? { ...body, override } : body;
      return askAll(
        api.POST("/api/v2/visits/{id}/promise", {
          params: { path: { id: visit.id }, header: seen(versionOf(visit)) },
          headers: key(whole),
          body: whole,
        }),
      );
    },
    ({ customer, promised_start: start, promised_end: end, time_zone: zone }) => {
      const when = start && end ? ` ${spoken(at(start), at(end), zone)}` : "";
      return `Promised ${customer.name}${when}.`;
    },
  );

/** "Tue, Nov 24, 8:00 – 10:00 AM MST": which clock that is, whatever the board shows. */
const spoken = (start: number, end: number, zone: string): string =>
  `${clock.day(start, zone)}, ${clock.span(start, end, zone)} ${clock.zoneName(start, zone)}`;
