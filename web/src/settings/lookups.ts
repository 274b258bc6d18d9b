/** What forms of the settings choose from: all there are, by name. */

import { useQuery } from "@tanstack/react-query";
import { api, ask, askEvery, type Schemas } from "@/api/client";

const ALL = { limit: 200 } as const;
const KEPT = 60_000;

export function useRoles() {
  return useQuery({
    queryKey: ["roles", "all"],
    staleTime: KEPT,
    queryFn: () => askEvery((from) => api.GET("/api/v2/roles", { params: { query: { ...ALL, ...from } } })),
  });
}

export function useTeams() {
  return useQuery({
    queryKey: ["teams", "all"],
    staleTime: KEPT,
    queryFn: () =>
      askEvery((from) => api.GET("/api/v2/teams", { params: { query: { ...ALL, sort: "name", ...from } } })),
  });
}

export function useTerritories() {
  return useQuery({
    queryKey: ["territories", "all"],
    staleTime: KEPT,
    queryFn: () =>
      askEvery((from) =>
        api.GET("/api/v2/territories", { params: { query: { ...ALL, sort: "name", ...from } } }),
      ),
  });
}

export function useBranches() {
  return useQuery({
    queryKey: ["branches", "all"],
    staleTime: KEPT,
    queryFn: () =>
      askEvery((from) =>
        api.GET("/api/v2/branches", { params: { query: { ...ALL, sort: "name", ...from } } }),
      ),
  });
}

export function useMembers() {
  return useQuery({
    queryKey: ["memberships", "all"],
    staleTime: KEPT,
    queryFn: () =>
      askEvery((from) =>
        api.GET("/api/v2/memberships", { params: { query: { ...ALL, sort: "name", ...from } } }),
      ),
  });
}

export function useJobTypes() {
  return useQuery({
    queryKey: ["job-types", "all"],
    staleTime: KEPT,
    queryFn: () =>
      askEvery((from) =>
        api.GET("/api/v2/job-types", { params: { query: { ...ALL, sort: "name", ...from } } }),
      ),
  });
}

export function useOrganisation() {
  return useQuery({
    queryKey: ["organisation", "settings"],
    staleTime: KEPT,
    queryFn: () => ask(api.GET("/api/v2/organisation")),
  });
}

/** A thing's name by its id. */
export const nameOf = (all: readonly { id: string; name: string }[] | undefined, id: string | null) =>
  all?.find((one) => one.id === id)?.name ?? "";

export const choicesOf = (all: readonly { id: string; name: string }[] | undefined) =>
  (all ?? []).map((one) => ({ value: one.id, text: one.name }));

/** "dispatcher" as one reads it: roles of the system are written small, one's own as they were typed. */
export const roleName = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

export type Role = Schemas["RoleOut"];
