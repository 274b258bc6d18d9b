/** Sites as the pages need them: what is read, what is written, and their words. */

import { useQuery } from "@tanstack/react-query";
import { api, ask, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import type { RecordKind } from "@/ui/RecordPage";

export type Site = Schemas["SiteOut"];
export type Party = Site["parties"][number];

export const KIND: RecordKind = { one: "site", list: { to: "/sites", words: "All sites" } };

export const ROLES = [
  { value: "owner", text: "Owns it" },
  { value: "tenant", text: "Lives or works there" },
  { value: "manager", text: "Looks after it" },
] as const;
export const roleWords = (role: Party["role"]): string =>
  ROLES.find((one) => one.value === role)?.text ?? role;

export const sitePath = (id: string) => `/sites/${id}`;

export function useSite(id: string, enabled = true) {
  return useQuery({
    queryKey: ["sites", id],
    enabled: enabled && id !== "",
    queryFn: () => ask(api.GET("/api/v2/sites/{id}", { params: { path: { id } } })),
  });
}

/** Lists and stories are read anew, and the sites of customers. */
export const again = () =>
  Promise.all(["sites", "stories"].map((key) => queries.invalidateQueries({ queryKey: [key] })));

/** It is known now as the server answered. */
export function known(site: Site): Site {
  queries.setQueryData(["sites", site.id], site);
  void again();
  return site;
}

export const change = (id: string, version: number, body: Schemas["SitePatch"]) =>
  ask(api.PATCH("/api/v2/sites/{id}", { params: { path: { id }, header: seen(version) }, body })).then(known);

/** Who has to do with it now, by role; those who ceased to come last. */
export const present = (site: Site): Party[] => site.parties.filter((one) => one.ends_on === null);
