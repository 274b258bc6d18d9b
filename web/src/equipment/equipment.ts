/** Equipment as the pages need it: what is read, what is written, and what its form holds. */

import { useQuery } from "@tanstack/react-query";
import { z } from "zod";
import { api, ask, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import { blank } from "@/ui/blank";
import type { RecordKind } from "@/ui/RecordPage";

export type Equipment = Schemas["EquipmentOut"];

export const KIND: RecordKind = { one: "equipment", list: { to: "/equipment", words: "All equipment" } };

export const equipmentPath = (id: string) => `/equipment/${id}`;

export function useEquipment(id: string | null) {
  return useQuery({
    queryKey: ["equipment", id],
    enabled: id !== null && id !== "",
    queryFn: () => ask(api.GET("/api/v2/equipment/{id}", { params: { path: { id: id ?? "" } } })),
  });
}

/** Lists and stories are read anew. */
export const again = () =>
  Promise.all(["equipment", "stories"].map((key) => queries.invalidateQueries({ queryKey: [key] })));

/** It is known now as the server answered. */
export function known(one: Equipment): Equipment {
  queries.setQueryData(["equipment", one.id], one);
  void again();
  return one;
}

export const change = (id: string, version: number, body: Schemas["EquipmentPatch"]) =>
  ask(api.PATCH("/api/v2/equipment/{id}", { params: { path: { id }, header: seen(version) }, body })).then(
    known,
  );

export const Entered = z.object({
  site_id: z.string().min(1, "Choose where it stands."),
  type: z.string().trim().min(1, "Say what it is, such as “Water heater”."),
  make: blank,
  model: blank,
  serial: blank,
  location: blank,
  parent_id: blank,
  installed_on: blank,
  warranty_until: blank,
  notes: blank,
  external_key: blank,
});
export type Typed = z.input<typeof Entered>;
export type Entered = z.output<typeof Entered>;

export function typed(one: Equipment | null, siteId = ""): Typed {
  return {
    site_id: one?.site_id ?? siteId,
    type: one?.type ?? "",
    make: one?.make ?? "",
    model: one?.model ?? "",
    serial: one?.serial ?? "",
    location: one?.location ?? "",
    parent_id: one?.parent_id ?? "",
    installed_on: one?.installed_on ?? "",
    warranty_until: one?.warranty_until ?? "",
    notes: one?.notes ?? "",
    external_key: one?.external_key ?? "",
  };
}
