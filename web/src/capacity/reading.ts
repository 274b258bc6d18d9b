/** What windows hold, read for two weeks and kept fresh by the boards of these days. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, ask, given } from "@/api/client";
import { queries } from "@/api/queries";
import { subscribe } from "@/office/live";
import { DAYS, plusDays } from "./figures";

export interface Asked {
  /** The first of the days. */
  from: string;
  territory: string | null;
  trade: string | null;
}

const KEY = "capacity-windows";

export function useCapacity({ from, territory, trade }: Asked) {
  const days = Array.from({ length: DAYS }, (_, n) => plusDays(from, n));
  useBoards(days);
  return useQuery({
    queryKey: [KEY, from, territory, trade],
    placeholderData: keepPreviousData,
    // what is held runs out, and what is kept back is let go of, without anybody doing anything
    refetchInterval: 60_000,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v2/capacity", {
          params: {
            query: { from, to: plusDays(from, DAYS - 1), ...given({ territory_id: territory, trade }) },
          },
          signal,
        }),
      ),
  });
}

const PAUSE = 1_000;

/** Read again when something moves on the board of one of these days, not more often than once a second. */
function useBoards(days: readonly string[]): void {
  const named = days.join();
  useEffect(() => {
    let due: ReturnType<typeof setTimeout> | undefined;
    const again = () => {
      due ??= setTimeout(() => {
        due = undefined;
        void queries.invalidateQueries({ queryKey: [KEY] });
      }, PAUSE);
    };
    const ends = named.split(",").map((day) => subscribe(`board:${day}`, { event: again, resync: again }));
    return () => {
      clearTimeout(due);
      for (const end of ends) end();
    };
  }, [named]);
}
