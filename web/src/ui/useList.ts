/** A list of the API, page by page; its filters, its sort and its view stand in the address.
 *
 *   const list = useList("/api/v2/customers", { find: ["name", "email"], filters: { stage: {} }, sort: "name" });
 *   <DataTable list={list} name="customers" columns={…} />
 */

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { api, ask } from "@/api/client";
import type { paths } from "@/api/schema";
import { useSettled } from "./Combobox";
import { meant, type Narrowing } from "./filters";

interface PageOf<T> {
  data: T[];
  next_cursor: string | null;
  total?: number | null;
}

interface Lists<T> {
  get: { responses: { 200: { content: { "application/json": PageOf<T> } } } };
}

/** An address of the API that answers with pages. */
export type ListPath = { [P in keyof paths]: paths[P] extends Lists<unknown> ? P : never }[keyof paths];
export type RowOf<P extends ListPath> = paths[P] extends Lists<infer T> ? T : never;

export interface ListOptions extends Narrowing {
  /** As the API writes it: "name", "-created_at". */
  sort?: string;
  /** What is always asked and not to be seen in the address. */
  fixed?: Record<string, unknown>;
  /** For addresses with a record's id in them. */
  at?: Record<string, string>;
}

const PAGE = 100;

export function useList<P extends ListPath>(path: P, options: ListOptions = {}) {
  type Row = RowOf<P>;
  const [address, setAddress] = useSearchParams();
  const tree = meant(address, options);
  const filter = useSettled(tree ? JSON.stringify(tree) : "");
  const sort = address.get("sort") ?? options.sort;
  const view = address.get("view");
  const query: Record<string, unknown> = { ...options.fixed, limit: PAGE };
  if (filter) query.filter = filter;
  // a view has a sort of its own, and what one chose oneself comes before it
  if (view) query.view = view;
  if (sort && !(view && !address.has("sort"))) query.sort = sort;
  const name = path.replace("/api/v2/", "");

  const read = (more: Record<string, unknown>, signal: AbortSignal) =>
    ask(
      api.GET(path as never, { params: { query: { ...query, ...more }, path: options.at }, signal } as never),
    ) as Promise<PageOf<Row>>;

  const asked = useInfiniteQuery({
    queryKey: [name.split("/")[0], "list", name, options.at, query],
    queryFn: ({ pageParam, signal }) =>
      read(pageParam ? { cursor: pageParam } : { include_total: true }, signal),
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
    narrowed: tree !== null || view !== null,
    /** The same list as a file, all rows of it. */
    file: (accept: string) =>
      ask(
        api.GET(
          path as never,
          {
            params: { query: { ...query, limit: undefined }, path: options.at },
            headers: { Accept: accept },
            parseAs: "blob",
          } as never,
        ),
      ) as Promise<Blob>,
  };
}

export type List<Row> = Omit<ReturnType<typeof useList<ListPath>>, "rows"> & { rows: Row[] };
