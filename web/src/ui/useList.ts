/** A list of the API, page by page; its filters, its sort and its view stand in the address.
 *
 *   const list = useList("/api/v2/customers", { find: ["name", "email"], filters: { stage: {} }, sort: "name" });
 *   <DataTable list={list} name="customers" columns={…} />
 */

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useSearchParams } from "react-router";
import { Problem } from "@/api/client";
import { fileOf, type ListPath, pageOf, type RowOf } from "@/api/verb";
import { useSettled } from "./Combobox";
import { meant, type Narrowing } from "./filters";

export interface ListOptions extends Narrowing {
  /** As the API writes it: "name", "-created_at". */
  sort?: string;
  /** What is always asked and not to be seen in the address. */
  fixed?: Record<string, unknown>;
  /** For addresses with a record's id in them. */
  at?: Record<string, string>;
  /** Rows a page: one, where only how many there are is shown. */
  page?: number;
}

const PAGE = 100;

export type { ListPath, RowOf };

export function useList<P extends ListPath>(path: P, options: ListOptions = {}) {
  const [address, setAddress] = useSearchParams();
  const tree = meant(address, options);
  const filter = useSettled(tree ? JSON.stringify(tree) : "");
  const sort = address.get("sort") ?? options.sort;
  const view = address.get("view");
  const query: Record<string, unknown> = { ...options.fixed, limit: options.page ?? PAGE };
  const params = Object.entries(options.params ?? {}).filter(([name]) => address.get(name));
  for (const [name, means] of params) Object.assign(query, means(address.get(name) ?? ""));
  if (filter) query.filter = filter;
  // a view has a sort of its own, and what one chose oneself comes before it
  if (view) query.view = view;
  if (sort && !(view && !address.has("sort"))) query.sort = sort;
  const name = path.replace("/api/v2/", "");

  const asked = useInfiniteQuery({
    queryKey: [name.split("/")[0], "list", name, options.at, query],
    queryFn: ({ pageParam, signal }) =>
      pageOf(
        path,
        { ...query, ...(pageParam ? { cursor: pageParam } : { include_total: true }) },
        { signal, at: options.at },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => asked.data?.pages.flatMap((page) => page.data) ?? [], [asked.data]);

  /** Another filter, sort or view, in place of what stands in the address. */
  function change(wanted: Record<string, string | null>) {
    setAddress(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [key, value] of Object.entries(wanted)) {
          if (value) next.set(key, value);
          else next.delete(key);
        }
        return next;
      },
      { replace: true },
    );
  }

  const narrows = ["q", ...Object.keys(options.filters ?? {}), ...Object.keys(options.params ?? {})];
  // an address may ask for what there is not, or is not any more: then it asks for nothing, and all of it is shown
  const strange = ["sort", "view", ...narrows.slice(1)].filter((one) => address.has(one));
  const refused = !asked.data && asked.error instanceof Problem && [404, 422].includes(asked.error.status);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal
  useEffect(() => {
    if (refused && strange.length) change(Object.fromEntries(strange.map((one) => [one, null])));
  }, [refused]);

  return {
    name,
    rows,
    total: asked.data?.pages[0]?.total ?? null,
    asked,
    address,
    change,
    tree,
    sort,
    view,
    options,
    /** Whether it is narrowed: what an empty list means. */
    narrowed: tree !== null || view !== null || params.length > 0,
    /** What of the address narrows it, whether it stands there or not. */
    narrows,
    /** The same list as a file, all rows of it. */
    file: (accept: string) => fileOf(path, { at: options.at, query: { ...query, limit: undefined }, accept }),
  };
}

export type List<Row> = Omit<ReturnType<typeof useList<ListPath>>, "rows"> & { rows: Row[] };
