/** What positions say of visits, and whether anybody is to be asked about it. */

import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { api, ask } from "@/api/client";
import type { Event } from "@/api/live";
import { queries } from "@/api/queries";
import { type Me, mayRead } from "@/identity/me";
import { dateIn } from "@/ui/wall";
import { useLive } from "./live";

const SOON = 60_000;
const MOST = 50;
export const SUGGESTED = "geofence-events";

const SEEN = ["visit.arrival_seen", "visit.departure_seen"];
const DAY = 86_400_000;

/** Those that wait for somebody: of today, and of a night's work; read again when something is seen, and when the
 * visit of one moves. */
export function useSuggestions(me: Me) {
  const may = mayRead(me, "visits");
  const asked = useQuery({
    queryKey: [SUGGESTED],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v2/geofence-events", {
          params: { query: { status: "open", sort: "-at", limit: MOST } },
          signal,
        }),
      ),
    enabled: may,
    refetchInterval: SOON,
  });
  const again = () => void queries.invalidateQueries({ queryKey: [SUGGESTED] });
  const listener = {
    event: ({ fact, id }: Event) => {
      if (SEEN.includes(fact ?? "") || asked.data?.data.some((one) => one.visit_id === id)) again();
    },
    resync: again,
  };
  const board = (at: number) => (may ? `board:${dateIn(at, me.time_zone)}` : null);
  useLive(board(Date.now()), listener);
  useLive(board(Date.now() - DAY), listener);
  return asked;
}

/** Shown where there is one: fetched then. */
export const Suggestions = lazy(() => import("./Suggestions"));
