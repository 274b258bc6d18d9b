/** The territories of the organisation, by which boards and trays are narrowed. */

import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";

export const useTerritories = () =>
  useQuery({
    queryKey: ["territories"],
    staleTime: 300_000,
    queryFn: () => ask(api.GET("/api/v2/territories", { params: { query: { limit: 100 } } })),
  });
