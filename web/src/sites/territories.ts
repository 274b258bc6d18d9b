/** The areas that addresses are sorted into. */

import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";

export function useTerritories() {
  return useQuery({
    queryKey: ["territories"],
    staleTime: 5 * 60_000,
    queryFn: () =>
      ask(api.GET("/api/v2/territories", { params: { query: { limit: 200, sort: "name" } } })).then(
        (page) => page.data,
      ),
  });
}
