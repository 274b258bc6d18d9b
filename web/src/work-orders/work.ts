/** What the work screens read and write, and the words for it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, type Schemas, seen } from "@/api/client";

export type WorkOrder = Schemas["WorkOrderOut"];
export type Visit = Schemas["VisitOut"];
export type Priority = Schemas["Priority"];
export type Patch = Schemas["WorkOrderPatch"];

export const PRIORITIES: readonly { value: Priority; text: string }[] = [
  { value: "low", text: "Low" },
  { value: "normal", text: "Normal" },
  { value: "high", text: "High" },
  { value: "emergency", text: "Emergency" },
];

export const STATUSES: readonly { value: Schemas["WorkOrderStatus"]; text: string }[] = [
  { value: "draft", text: "Draft" },
  { value: "ready", text: "Ready" },
  { value: "scheduled", text: "Scheduled" },
  { value: "in_progress", text: "In progress" },
  { value: "on_hold", text: "On hold" },
  { value: "completed", text: "Completed" },
  { value: "approved", text: "Approved" },
  { value: "closed", text: "Closed" },
  { value: "canceled", text: "Canceled" },
];

/** Neither of these is open any more. */
export const OVER = ["closed", "canceled"];

export const pathOf = (id: string): string => `/work-orders/${id}`;

export function useWorkOrder(id: string) {
  return useQuery({
    queryKey: ["work-orders", id],
    queryFn: () => ask(api.GET("/api/v2/work-orders/{id}", { params: { path: { id } } })),
  });
}

export function useVisits(workOrderId: string, may: boolean) {
  return useQuery({
    queryKey: ["visits", { workOrderId }],
    enabled: may,
    queryFn: () =>
      ask(api.GET("/api/v2/visits", { params: { query: { work_order_id: workOrderId, limit: 100 } } })).then(
        (page) => page.data,
      ),
  });
}

/** Write fields of it, as it was seen. Raises `Problem`, 412 when somebody was faster. */
export const change = (order: { id: string; version: number }, body: Patch): Promise<WorkOrder> =>
  ask(
    api.PATCH("/api/v2/work-orders/{id}", {
      params: { path: { id: order.id }, header: seen(order.version) },
      body,
    }),
  );

/** Says what is known of it now, and that what hangs on it is to be read again. */
export function useKnown(): (order: WorkOrder) => Promise<unknown> {
  const known = useQueryClient();
  return (order) => {
    known.setQueryData(["work-orders", order.id], order);
    return Promise.all(
      ["work-orders", "visits", "stories", "end-of-day"].map((what) =>
        known.invalidateQueries({ queryKey: [what], refetchType: "active" }),
      ),
    );
  };
}
