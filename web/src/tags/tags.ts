/** Tags of one kind of record, and putting them on records and taking them off. */

import { useQuery } from "@tanstack/react-query";
import { api, ask, onceKey, type Schemas } from "@/api/client";

export type Tag = Schemas["TagOut"];
export type TagOn = Schemas["TagOn"];

const readTags = (entity: TagOn, typed: string) =>
  ask(
    api.GET("/api/v2/tags", {
      params: {
        query: {
          entity,
          sort: "name",
          limit: 100,
          ...(typed ? { filter: JSON.stringify({ field: "name", op: "contains", value: typed }) } : {}),
        },
      },
    }),
  ).then((page) => page.data);

export function useTags(entity: TagOn) {
  return useQuery({ queryKey: ["tags", entity, "all"], queryFn: () => readTags(entity, "") });
}

/** What a Combobox offers. */
export const loadTags = (entity: TagOn) => async (typed: string) =>
  (await readTags(entity, typed)).slice(0, 20).map((one) => ({ ...one, text: one.name }));

export const makeTag = (entity: TagOn, name: string) =>
  ask(api.POST("/api/v2/tags", { body: { entity, name }, headers: onceKey() }));

export const attach = (id: string, entity_ids: string[]) =>
  ask(api.POST("/api/v2/tags/{id}/attach", { params: { path: { id } }, body: { entity_ids } }));

export const detach = (id: string, entity_ids: string[]) =>
  ask(api.POST("/api/v2/tags/{id}/detach", { params: { path: { id } }, body: { entity_ids } }));
