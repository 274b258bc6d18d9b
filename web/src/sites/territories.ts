/** The areas that addresses are sorted into. */

import { useQuery } from "@tanstack/react-query";
import { api, askEvery } from "@/api/client";

export function useTerritories() {
  return useQuery({
    queryKey: ["territories"],
    staleTime: 5 * 60_000,
    queryFn: () =>
      askEvery((from) =>
        api.GET("/api/v2/territories", { params: { query: { limit: 200, sort: "name", ...from } } }),
      ),
  });
}
