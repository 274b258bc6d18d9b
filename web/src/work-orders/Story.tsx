/** What happened to it, newest first, in sentences. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Pane } from "@/ui/Page";
import { Bar, Later } from "@/ui/Skeleton";
import { When } from "@/ui/When";
import type { WorkOrder } from "./work";

const PAGE = 20;

export function Story({ order, zone }: { order: WorkOrder; zone: string }) {
  const asked = useInfiniteQuery({
    queryKey: ["timeline", "work_order", order.id],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/v2/work-orders/{id}/timeline", {
          params: {
            path: { id: order.id },
            query: { limit: PAGE, ...(pageParam === undefined ? {} : { before: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (last) => last.next_before ?? undefined,
  });
  const told = asked.data?.pages.flatMap((page) => page.data);
  return (
    <Pane title="Timeline">
      {asked.error && !told ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : !told ? (
        <Later>
          <Bar className="w-2/3" />
        </Later>
      ) : (
        <ol className="flex flex-col gap-2">
          {told.map((one) => (
            <li key={one.id} className="min-w-0">
              <p className="break-words">{one.sentence}</p>
              <p className="text-muted text-sm">
                {one.actor?.name ?? "Truckroll"},{" "}
                <When at={one.occurred_at ?? one.at} zone={zone} shape="full" />
              </p>
            </li>
          ))}
        </ol>
      )}
      {asked.hasNextPage && (
        <Button
          look="plain"
          className="mt-2"
          busy={asked.isFetchingNextPage}
          onClick={() => void asked.fetchNextPage()}
        >
          Show what was before
        </Button>
      )}
    </Pane>
  );
}
