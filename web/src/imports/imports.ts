/** Lists that were sent: what is read of them, and what can be done with one. */

import { useQuery } from "@tanstack/react-query";
import { api, ask, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import { recordPath } from "@/office/nav";
import { words } from "@/ui/Status";

export type Import = Schemas["ImportOut"];
export type Kind = Import["kind"];
export type Row = Schemas["MendingOut"];
export type Why = "refused" | "resembles" | "changed";

export const importPath = (id: string) => `/imports/${id}`;

/** Kinds in the order in which one would bring them: what others belong to comes first. */
export const KINDS: readonly { value: Kind; text: string; about: string }[] = [
  { value: "customers", text: "Customers", about: "Who is billed, each perhaps with the place of the work." },
  { value: "contacts", text: "Contacts", about: "Whom one calls. Their customers have to be here." },
  { value: "sites", text: "Sites", about: "Where the work is. Their customers have to be here." },
  { value: "equipment", text: "Equipment", about: "What is serviced. Its sites have to be here." },
  { value: "technicians", text: "Technicians", about: "Who goes out, with what they can do." },
  { value: "work_orders", text: "Work orders", about: "Past and open work. Its customers have to be here." },
  { value: "invoices", text: "Open invoices", about: "What is still owed. Who owes it has to be here." },
];

export const kindText = (kind: string) => KINDS.find((one) => one.value === kind)?.text ?? words(kind);

const number = new Intl.NumberFormat(undefined);
export const many = (count: number) => number.format(count);
export const rowsOf = (count: number) => `${many(count)} ${count === 1 ? "row" : "rows"}`;

export const goesOn = (one: Pick<Import, "status">) => ["queued", "running", "undoing"].includes(one.status);

/** How it stands, in words of the office. */
export function stateOf(one: Import): string {
  if (one.status === "waiting") return "Columns to be said";
  if (one.status === "undone") return "Taken back";
  if (one.status === "undoing") return "Being taken back";
  if (goesOn(one)) return one.dry_run ? "Being checked" : "Being imported";
  if (one.status === "failed") return "Failed";
  if (one.status === "canceled") return "Stopped";
  return one.dry_run ? "Checked" : "Imported";
}

const LOOK = 500;

export function useImport(id: string) {
  return useQuery({
    queryKey: ["imports", id],
    queryFn: () => ask(api.GET("/api/v2/imports/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data && goesOn(state.data) ? LOOK : false),
  });
}

/** The import that did what this one tried, if there is one. */
export function useTaken(one: Import) {
  return useQuery({
    queryKey: ["imports", one.id, "taken"],
    enabled: one.dry_run,
    queryFn: () => {
      const filter = JSON.stringify({ field: "file_of_id", op: "eq", value: one.id });
      return ask(api.GET("/api/v2/imports", { params: { query: { filter, limit: 20 } } })).then(
        (page) => page.data.find((other) => other.status !== "undone") ?? null,
      );
    },
  });
}

/** It is known now as the server answered; what hangs on it is read anew. */
export function known(one: Import): Import {
  queries.setQueryData(["imports", one.id], one);
  void queries.invalidateQueries({ queryKey: ["imports", "list"] });
  return one;
}

/** Read anew what was found in it, once it has been looked at again, and whether its trial still stands taken. */
export const reread = (id: string, trial: string | null = null) =>
  Promise.all([
    ...["mending", "unchecked", "taken", "rows"].map((what) =>
      queries.invalidateQueries({ queryKey: ["imports", id, what] }),
    ),
    ...(trial ? [queries.invalidateQueries({ queryKey: ["imports", trial, "taken"] })] : []),
  ]);

export const check = (id: string, body: Schemas["CheckDraft"], headers: { "Idempotency-Key": string }) =>
  ask(api.POST("/api/v2/imports/{id}/check", { params: { path: { id }, header: headers }, body })).then(
    known,
  );

export const verb = (id: string, what: "run" | "cancel" | "undo", headers: { "Idempotency-Key": string }) =>
  ask(api.POST(`/api/v2/imports/{id}/${what}`, { params: { path: { id }, header: headers } })).then(known);

export const mend = (importId: string, row: Row, body: Schemas["ImportRowPatch"]) =>
  ask(
    api.PATCH("/api/v2/imports/{id}/rows/{row_id}", {
      params: { path: { id: importId, row_id: row.id }, header: seen(row.version) },
      body,
    }),
  );

export const refused = (id: string) =>
  ask(
    api.GET("/api/v2/imports/{id}/refused", { params: { path: { id } }, parseAs: "blob" } as never),
  ) as Promise<Blob>;

/** The page of what a row made; tables are called in the plural there. */
export function madePath(entity: string | null, id: string | null): string | null {
  if (!entity || !id) return null;
  return recordPath(entity === "equipment" ? entity : entity.replace(/s$/, ""), id);
}
