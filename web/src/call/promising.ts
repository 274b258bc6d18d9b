/** From a time that was shown to a promised visit, and back. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ask, askAll, Problem, type Schemas, Unreachable } from "@/api/client";
import { useKeys } from "@/api/keys";
import { book, type Hold } from "@/holds/holds";
import type { Slot, Wish } from "./calling";

export interface Promised {
  visit: Schemas["VisitOut"];
  zone: string;
  /** The reply's `X-Request-ID`, by which the command is found that undoes it. */
  requestId: string;
}

export interface Asked {
  wish: Wish;
  customerId: string;
  slot: Pick<Slot, "window_start" | "window_end">;
  /** It is held already: that hold becomes the visit. */
  hold?: Hold;
  zone: string;
  summary: string;
  told: string;
}

/** Whether it may have been promised all the same: only the same request, sent again, tells. */
export const isOpen = (error: Error | null): boolean =>
  error instanceof Unreachable ||
  (error instanceof Problem && (error.status >= 500 || error.code === "request_in_flight"));

/**
 * Makes the work order where the call is about something new, and promises the window.
 *
 * Whatever becomes of the promise, the work order stays, and this or the next time is promised for it:
 * `workOrder` tells its id.
 */
export function usePromise(workOrder: (id: string, customerId: string) => void) {
  const known = useQueryClient();
  const keyOf = useKeys();
  return useMutation({
    mutationFn: async ({ wish, customerId, slot, hold, zone, summary, told }: Asked): Promise<Promised> => {
      let id = hold?.work_order?.id ?? wish.workOrderId;
      if (id === null) {
        const siteId = hold?.site_id ?? wish.siteId;
        const jobTypeId = hold?.job_type.id ?? wish.jobTypeId;
        if (jobTypeId === null || siteId === null) throw new Error("Choose the site and the work first.");
        const body = {
          customer_id: customerId,
          site_id: siteId,
          job_type_id: jobTypeId,
          priority: hold?.priority ?? wish.priority,
          status: "ready",
          summary: summary.trim() || null,
        } as const;
        id = (await ask(api.POST("/api/v2/work-orders", { body, headers: keyOf(body) }))).id;
      }
      const body = {
        work_order_id: id,
        window_start: slot.window_start,
        window_end: slot.window_end,
        told_via: "phone",
        told_to: told,
      } as const;
      try {
        if (hold) {
          const kept = { told_via: "phone", told_to: told, work_order_id: id } as const;
          const { data, requestId } = await book(hold.id, kept, keyOf([hold.id, kept]));
          return { visit: data, zone, requestId };
        }
        const { data, response } = await askAll(
          api.POST("/api/v2/slots/book", { body, headers: keyOf(body) }),
        );
        return { visit: data, zone, requestId: response.headers.get("X-Request-ID") ?? "" };
      } catch (error) {
        workOrder(id, customerId);
        throw error;
      }
    },
    onSettled: () => known.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" }),
  });
}

/** Takes a promise back: the visit is as it was before. Raises `Problem` where it cannot be any more. */
export async function takeBack(requestId: string): Promise<void> {
  const page = await ask(
    api.GET("/api/v2/commands", { params: { query: { request_id: requestId, limit: 1 } } }),
  );
  const command = page.data[0];
  if (!command) throw new Error("This is not to be found among what can be undone.");
  await ask(
    api.POST("/api/v2/commands/{id}/undo", {
      params: { path: { id: command.id } },
      headers: { "Idempotency-Key": crypto.randomUUID() },
    }),
  );
}
