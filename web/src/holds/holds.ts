/** Time that is held while a customer makes up their mind: it ends by itself, or is booked, held longer, released. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, ask, askAll, type Schemas } from "@/api/client";
import { queries } from "@/api/queries";
import { serverNow } from "@/board/store";
import { subscribe } from "@/office/live";
import { MINUTE, minutesLeft } from "./left";

export type Hold = Schemas["HoldOut"];
export type Slot = Schemas["SlotOut"];
type Key = { "Idempotency-Key": string };

/** What somebody looks for a time for. */
export type Sought = Pick<
  Schemas["HoldDraft"],
  "visit_id" | "work_order_id" | "job_type_id" | "site_id" | "priority"
>;

/** From now on, so many minutes. */
export const LONG = [5, 10, 15, 30, 45, 60] as const;
export const USUAL = 15;

/** What was done, and the request by which it can be undone. */
export interface Did<T> {
  data: T;
  requestId: string;
}

async function did<T>(asked: Promise<{ data: T; response: Response }>): Promise<Did<T>> {
  const { data, response } = await asked;
  void queries.invalidateQueries({ queryKey: ["holds"] });
  return { data, requestId: response.headers.get("X-Request-ID") ?? "" };
}

export const hold = (body: Schemas["HoldDraft"], headers: Key): Promise<Did<Hold>> =>
  did(askAll(api.POST("/api/v2/holds", { body, headers })));

export const extend = (id: string, minutes: number, headers: Key): Promise<Did<Hold>> =>
  did(
    askAll(api.POST("/api/v2/holds/{id}/extend", { params: { path: { id } }, headers, body: { minutes } })),
  );

export const release = (id: string): Promise<Did<unknown>> =>
  did(askAll(api.DELETE("/api/v2/holds/{id}", { params: { path: { id } } })));

export const book = (
  id: string,
  body: Schemas["HoldBooking"],
  headers: Key,
): Promise<Did<Schemas["VisitOut"]>> =>
  did(askAll(api.POST("/api/v2/holds/{id}/book", { params: { path: { id } }, headers, body })));

/** A hold, read again whenever somebody changes it. */
export function useHold(id: string | null) {
  useEffect(() => {
    if (id === null) return undefined;
    const again = () => void queries.invalidateQueries({ queryKey: ["holds", id] });
    return subscribe(`hold:${id}`, { event: again, resync: again });
  }, [id]);
  return useQuery({
    queryKey: ["holds", id],
    enabled: id !== null,
    queryFn: () => ask(api.GET("/api/v2/holds/{id}", { params: { path: { id: id ?? "" } } })),
  });
}

/** The windows that can be booked, and so be held. */
export function useOffered(sought: Sought) {
  return useQuery({
    queryKey: ["slots", "to-hold", sought],
    staleTime: 10_000,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v2/availability", {
          params: { query: sought as never },
          signal,
        }),
      ),
  });
}

/** The minutes that are left, as they go by. */
export function useMinutesLeft(expiresAt: string): number {
  const [ticks, setTicks] = useState(0);
  useEffect(() => {
    const over = Date.parse(expiresAt) - serverNow();
    if (over <= 0) return undefined;
    // at the full minute, and a little after it
    const timer = setTimeout(() => setTicks(ticks + 1), (over % MINUTE) + 20);
    return () => clearTimeout(timer);
  }, [expiresAt, ticks]);
  return minutesLeft(expiresAt, serverNow());
}
