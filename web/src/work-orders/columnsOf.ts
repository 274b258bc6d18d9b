/** What stands in a column of the board: the work orders of one status, fifty at a time, and those that are
 * just on their way to it. */

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { pageOf } from "@/api/verb";
import { both, type Tree } from "@/ui/filters";
import { STATUSES, type WorkOrder } from "./work";

type Status = WorkOrder["status"];

export const COLUMNS_OF: readonly Status[] = STATUSES.map((one) => one.value);
const PAGE = 50;

/** A card that is shown in another column while the server is asked. */
export interface Placed {
  order: WorkOrder;
  to: Status;
}

export function useColumn(
  status: Status,
  tree: Tree | null,
  view: string | null,
  placed: ReadonlyMap<string, Placed>,
) {
  const filter = JSON.stringify(both(tree, { field: "status", op: "eq", value: status }));
  const asked = useInfiniteQuery({
    queryKey: ["work-orders", "column", { filter, view }],
    initialPageParam: null as string | null,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) =>
      pageOf(
        "/api/v2/work-orders",
        {
          filter,
          limit: PAGE,
          sort: "-created_at",
          ...(view ? { view } : {}),
          ...(pageParam ? { cursor: pageParam } : { include_total: true }),
        },
        { signal },
      ),
    getNextPageParam: (last) => last.next_cursor,
  });
  const read = asked.data?.pages.flatMap((page) => page.data) ?? [];
  const coming = [...placed.values()].filter((one) => one.to === status).map((one) => one.order);
  const staying = read.filter((one) => !placed.has(one.id));
  const total = asked.data?.pages[0]?.total ?? null;
  return {
    asked,
    rows: [...coming, ...staying],
    /** How many there are, as it is shown now. */
    total: total === null ? null : total + coming.length - (read.length - staying.length),
  };
}
export type Column = ReturnType<typeof useColumn>;
