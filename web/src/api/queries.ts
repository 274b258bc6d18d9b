/** What was read from the server and may be shown again. What is live is told anew by the hub. */

import { QueryClient } from "@tanstack/react-query";
import { Problem } from "./client";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 5 * 60_000,
      // a refusal stays one; a line that was cut is tried again
      retry: (times, error) => !(error instanceof Problem && error.status < 500) && times < 2,
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});
