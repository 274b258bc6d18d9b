/** Names of customers of whom a list has only the ids: one question for all of a list's rows. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, ask } from "./client";

const MOST = 200;

/** By id; whoever is not there, or may not be seen, has none. */
export function useCustomerNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const wanted = [...new Set(ids)].sort().slice(-MOST);
  const asked = useQuery<ReadonlyMap<string, string>>({
    queryKey: ["customers", "names", wanted],
    enabled: wanted.length > 0,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const filter = JSON.stringify({ field: "id", op: "in", value: wanted });
      const page = await ask(api.GET("/api/v2/customers", { params: { query: { filter, limit: MOST } } }));
      return new Map(page.data.map((one) => [one.id, one.name]));
    },
  });
  return asked.data ?? new Map();
}
