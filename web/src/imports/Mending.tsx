/** Rows that are worth a look, each problem a line with the cell that it is about, to be mended where it
 * stands. Only lines in sight are in the document; pages follow as one comes to them. */

import { type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { api, ask, Problem, type Schemas } from "@/api/client";
import { queries } from "@/api/queries";
import { Failed } from "@/ui/Failed";
import { Unread, useReadOn } from "@/ui/More";
import { Skeleton } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import type { Desk } from "./desk";
import { type Import, mend, type Row, type Why } from "./imports";
import { Line } from "./Line";
import { RowDialog } from "./RowDialog";

const PAGE = 200;
const NEAR_THE_END = 40;

type PageOf = Schemas["PageOut_MendingOut_"];
type Pages = InfiniteData<PageOf, string | null>;
export type Found = Row["problems"][number];

export interface Told {
  key: string;
  row: Row;
  problem: Found | null;
  /** The first line of its row. */
  first: boolean;
}

/** A line for each column that something is wrong with; one for a row without any. */
export function linesOf(rows: readonly Row[]): Told[] {
  return rows.flatMap((row) => {
    const problems: (Found | null)[] = row.problems.length ? row.problems : [null];
    return problems.map((problem, place) => ({
      key: `${row.id} ${place}`,
      row,
      problem,
      first: place === 0,
    }));
  });
}

export function Mending({ of, why, open, desk }: { of: Import; why: Why; open: boolean; desk: Desk }) {
  const queryKey = ["imports", of.id, "mending", why];
  const asked = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/v2/imports/{id}/mending", {
          params: {
            path: { id: of.id },
            query: { why, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
  const rows = useMemo(() => asked.data?.pages.flatMap((page) => page.data) ?? [], [asked.data]);
  const lines = useMemo(() => linesOf(rows), [rows]);
  const [whole, setWhole] = useState<string | null>(null);
  const frame = useRef<HTMLDivElement>(null);

  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => 37,
    getItemKey: (place) => lines[place]?.key ?? place,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useReadOn(asked, last >= lines.length - NEAR_THE_END);

  const put = (row: Row) => {
    if (row.left_out) desk.drop(row.id);
    queries.setQueryData<Pages>(queryKey, (before) =>
      before
        ? {
            ...before,
            pages: before.pages.map((page) => ({
              ...page,
              data: page.data.map((one) => (one.id === row.id ? row : one)),
            })),
          }
        : before,
    );
    void queries.invalidateQueries({ queryKey: ["imports", of.id, "unchecked"] });
  };

  /** One change of a row after the other: each sees the version that the one before has made. */
  function change(id: string, body: Schemas["ImportRowPatch"], kept?: () => void): Promise<void> {
    const mine = desk.inTurn(id, async () => {
      const pages = queries.getQueryData<Pages>(queryKey);
      const row = pages?.pages.flatMap((page) => page.data).find((one) => one.id === id);
      if (!row) throw new Error("This row is not in the list any more. Read the page again.");
      const now = await mend(of.id, row, body);
      kept?.();
      put(now);
    });
    return mine.catch((error: unknown) => {
      if (error instanceof Problem && error.status === 412) put(error.body.current as Row);
      toast({ text: error instanceof Error ? error.message : String(error), tone: "danger" });
      throw error;
    });
  }

  /** The next line's cell, as Enter does in a spreadsheet. */
  function next(key: string) {
    const place = lines.findIndex((one) => one.key === key) + 1;
    if (place >= lines.length) return;
    virtual.scrollToIndex(place, { align: "auto" });
    requestAnimationFrame(() =>
      frame.current?.querySelector<HTMLInputElement>(`[data-line="${place}"] input`)?.focus(),
    );
  }

  if (asked.error && !rows.length) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (asked.isPending) return <Skeleton rows={18} label="Reading the rows" />;
  const shown = rows.find((one) => one.id === whole);
  return (
    <>
      <div ref={frame} className="h-full overflow-auto bg-surface">
        <ul aria-label="Rows worth a look" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const line = lines[item.index];
            return (
              line && (
                <li
                  key={item.key}
                  ref={virtual.measureElement}
                  aria-posinset={item.index + 1}
                  aria-setsize={lines.length}
                  data-index={item.index}
                  data-line={item.index}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <Line
                    line={line}
                    headings={of.headings}
                    open={open}
                    desk={desk}
                    change={change}
                    onNext={() => next(line.key)}
                    onWhole={() => setWhole(line.row.id)}
                  />
                </li>
              )
            );
          })}
        </ul>
        <Unread asked={asked} className="border-line border-t px-4 py-2" />
      </div>
      {shown && <RowDialog of={of} row={shown} open={open} change={change} onClose={() => setWhole(null)} />}
    </>
  );
}
