/** What should be on the board and is not. Its rows are dragged onto a lane, or onto a name, or
 * given to somebody. */

import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { memo, useCallback, useEffect, useRef, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { told } from "@/call/windows";
import { Button } from "@/ui/Button";
import { More } from "@/ui/More";
import { Skeleton } from "@/ui/Skeleton";
import { holdFor } from "./anew";
import * as clock from "./clock";
import { urge } from "./Emergency";
import { give } from "./Give";
import { keeper } from "./keeper";
import { trayRead, unmade, useMaking } from "./making";
import { at, type Cell, type Picture } from "./picture";
import { serverNow, useBoard } from "./store";
import { ToTell } from "./ToTell";
import { type Narrowed, TrayFilters } from "./TrayFilters";
import { isToday, MOST, type ToTellRow, useToTell } from "./telling";

export type TrayRow = Schemas["TrayRowOut"];
type Listed = keyof Schemas["TabsOut"];
type Tab = Listed | "to_tell";

const TABS: readonly { tab: Tab; words: string; empty: string }[] = [
  { tab: "unassigned", words: "Promised", empty: "Everything that was promised has somebody who comes." },
  { tab: "to_schedule", words: "To schedule", empty: "Nothing waits to be scheduled." },
  { tab: "redispatch", words: "Go again", empty: "Nothing was declined or left undone." },
  { tab: "alerts", words: "Warnings", empty: "No plan carries a warning." },
  { tab: "on_hold", words: "On hold", empty: "No work is on hold." },
  { tab: "canceled", words: "Cancelled", empty: "Nothing was cancelled in the last 14 days." },
  { tab: "to_tell", words: "Customers to tell", empty: "" },
];

/**
 * What a row is while it is dragged: the visit itself where the board has it. A work order without a visit gets one
 * when it is dropped; who comes to a visit of another day is read then.
 */
export function heldOf(row: TrayRow): Cell {
  const shown = row.visit_id ? useBoard.getState().picture?.cells[row.visit_id] : undefined;
  if (shown) return shown;
  return {
    ...row,
    id: row.visit_id ?? unmade(row.work_order_id),
    status: row.visit_id ? (row.status as Cell["status"]) : "unscheduled",
    lock: "none",
    expected_end: null,
    travel_started_at: null,
    arrived_at: null,
    started_at: null,
    finished_at: null,
    confirmed_at: null,
    status_reason: null,
    crew_id: null,
    assigned: [],
    vehicle_ids: [],
    warnings: [],
    planned_start: row.status === "canceled" ? null : row.planned_start,
    planned_end: row.status === "canceled" ? null : row.planned_end,
  };
}

/** Whether it may be put on the board from here. */
const canGo = (row: TrayRow): boolean =>
  row.visit_id
    ? ["unscheduled", "tentative", "scheduled"].includes(row.status)
    : ["ready", "scheduled", "in_progress"].includes(row.status);

/** Changes of so many ms are read together. */
const TOGETHER = 600;

interface Props {
  meta: Picture["meta"];
  plans: boolean;
  tab: Tab;
  onTab: (tab: Tab) => void;
  /** The one to which the board is narrowed, or "". */
  territory: string;
  /** Given what a row is by its key, for whoever drags it. */
  rows: { current: (key: string) => Cell | null };
}

export function Tray({ meta, plans, tab, onTab, rows, territory: ofBoard }: Props) {
  const known = useQueryClient();
  const [narrowed, setNarrowed] = useState<Narrowed>({
    q: "",
    territory: ofBoard,
    priority: "",
    sort: "when",
  });
  const put = useCallback((one: Partial<Narrowed>) => setNarrowed((all) => ({ ...all, ...one })), []);
  // the board's, until another is chosen here
  useEffect(() => put({ territory: ofBoard }), [put, ofBoard]);
  const { q, territory, priority, sort } = narrowed;
  const filters = {
    ...(q.trim() ? { q: q.trim() } : {}),
    ...(territory ? { territory_id: territory } : {}),
    ...(priority ? { priority: priority as TrayRow["priority"] } : {}),
  };
  const telling = tab === "to_tell";
  const listed: Listed = telling ? "unassigned" : tab; // the counts of all come with any of them
  const asked = useInfiniteQuery({
    queryKey: ["board-tray", listed, filters, sort],
    initialPageParam: null as string | null,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/v2/board/tray", {
          params: { query: { tab: listed, sort, ...filters, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 60_000,
  });
  const found = asked.data?.pages.flatMap((page) => page.data) ?? [];
  const toTell = useToTell();
  const counts = countsOf(asked.data?.pages[0], toTell.data);

  const shown = useRef(found);
  shown.current = found;
  useEffect(() => {
    rows.current = (key) => {
      const row = shown.current.find((one) => keyOf(one) === key);
      return row && canGo(row) && !isWaiting(row) ? heldOf(row) : null;
    };
  }, [rows]);
  const readAt = asked.dataUpdatedAt;
  useEffect(() => {
    if (tab === "to_schedule" && !asked.isPlaceholderData) trayRead(readAt);
  }, [tab, asked.isPlaceholderData, readAt]);
  const ids = found.flatMap((row) => row.visit_id ?? []).join();
  useEffect(() => keeper()?.tray(ids ? ids.split(",") : []), [ids]);

  const due = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(due.current), []);
  useEffect(() => {
    const here = keeper(); // another one for another day
    if (!here) return undefined;
    here.told = () => {
      due.current ??= setTimeout(() => {
        due.current = undefined;
        void known.invalidateQueries({ queryKey: ["board-tray"] });
      }, TOGETHER);
    };
    return () => {
      here.told = undefined;
    };
  });

  const list = TABS.find((one) => one.tab === tab) ?? (TABS[0] as (typeof TABS)[number]);
  return (
    <aside aria-label="Tray" className="tray">
      <div role="tablist" aria-label="What waits" className="tray-tabs">
        {TABS.map((one) => (
          <button
            key={one.tab}
            type="button"
            role="tab"
            id={`tray-${one.tab}`}
            aria-selected={one.tab === tab}
            aria-controls="tray-rows"
            tabIndex={one.tab === tab ? 0 : -1}
            onClick={() => onTab(one.tab)}
            onKeyDown={(event) => {
              const here = TABS.indexOf(one);
              const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: -1 }[event.key];
              const other = to === undefined ? undefined : TABS.at(to % TABS.length);
              if (!other) return;
              event.preventDefault(); // or the tray is scrolled by it
              onTab(other.tab);
              document.getElementById(`tray-${other.tab}`)?.focus();
            }}
          >
            {one.words}
            <Count of={counts[one.tab]} />
          </button>
        ))}
      </div>
      {telling ? (
        <ToTell asked={toTell} board={meta.time_zone} plans={plans} />
      ) : (
        <>
          <TrayFilters now={narrowed} onChange={put} />
          <div id="tray-rows" role="tabpanel" aria-labelledby={`tray-${tab}`} className="tray-rows">
            {asked.error && !asked.data ? (
              <div role="alert" className="p-3">
                <p>{asked.error.message}</p>
                <Button className="mt-2" onClick={() => void asked.refetch()}>
                  Try again
                </Button>
              </div>
            ) : found.length ? (
              <ul>
                {found.map((row) => (
                  <Entry key={keyOf(row)} row={row} meta={meta} plans={plans} />
                ))}
              </ul>
            ) : asked.data ? (
              <p className="p-3 text-muted">
                {Object.keys(filters).length ? "Nothing here fits the filters." : list.empty}
              </p>
            ) : (
              <Skeleton rows={4} label="Reading the tray" />
            )}
            <More asked={asked} className="m-2">
              Show more
            </More>
          </div>
        </>
      )}
    </aside>
  );
}

interface Counted {
  count: string;
  urgent: number;
}

/** How much each tab holds, where that is known. */
function countsOf(
  page: Schemas["TrayOut"] | undefined,
  toTell: readonly ToTellRow[] | undefined,
): Partial<Record<Tab, Counted>> {
  const counts: Partial<Record<Tab, Counted>> = {};
  for (const { tab } of TABS) {
    if (tab !== "to_tell" && page) {
      counts[tab] = { count: String(page.counts[tab]), urgent: page.urgent[tab] ?? 0 };
    }
  }
  if (toTell) {
    counts.to_tell = {
      count: toTell.length < MOST ? String(toTell.length) : `${MOST}+`,
      urgent: toTell.filter((row) => isToday(row, serverNow())).length,
    };
  }
  return counts;
}

function Count({ of }: { of: Counted | undefined }) {
  if (!of) return null;
  return (
    <span className="tray-count" data-urgent={of.urgent > 0 || undefined}>
      {of.count}
      {of.urgent > 0 && <span className="sr-only">, {of.urgent} for today</span>}
    </span>
  );
}

const isBeingMade = (one: { answered: number | null } | undefined): boolean =>
  one !== undefined && one.answered !== null;

/** Whether it was put on the board, or is being put there, and stands here only until the tray is read again. */
const isWaiting = (row: TrayRow): boolean => {
  const { waiting } = useBoard.getState();
  return keyOf(row) in waiting || (!row.visit_id && isBeingMade(useMaking.getState()[row.work_order_id]));
};

const keyOf = (row: TrayRow): string => row.visit_id ?? unmade(row.work_order_id);

const Entry = memo(function Entry({
  row,
  meta,
  plans,
}: {
  row: TrayRow;
  meta: Picture["meta"];
  plans: boolean;
}) {
  const zone = meta.time_zone;
  const start = row.promised_start ?? row.requested_start ?? row.planned_start;
  const end = row.promised_end ?? row.requested_end ?? row.planned_end;
  const waits = useBoard((shown) => keyOf(row) in shown.waiting);
  const making = useMaking((all) => !row.visit_id && isBeingMade(all[row.work_order_id]));
  const waiting = waits || making;
  const goes = plans && canGo(row) && !waiting;
  const age = Math.floor((Date.now() - at(row.since)) / 86_400_000);
  return (
    <li
      data-tray={keyOf(row)}
      data-goes={goes}
      aria-busy={waiting || undefined}
      data-urgent={row.urgent || undefined}
      className="tray-row"
    >
      <div className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate font-semibold">{row.customer}</span>
        <span className="tabular text-muted text-sm">{row.number}</span>
      </div>
      <div className="flex items-baseline gap-2 text-sm">
        <span className="min-w-0 flex-1 truncate text-muted">
          {row.job_type}, {row.city}
        </span>
        <span className="tabular whitespace-nowrap text-muted">{clock.length(row.duration_minutes)}</span>
      </div>
      <div className="flex items-baseline gap-2 text-sm">
        <span className="tabular min-w-0 flex-1 whitespace-nowrap" data-when>
          {start && end
            ? `${row.urgent ? "⚠ " : ""}${row.promised_start ? "" : row.requested_start ? "wished " : ""}${told(start, end, row.promised_start || row.requested_start ? row.time_zone : zone, zone)}`
            : "no window"}
        </span>
        {(row.priority === "emergency" || row.priority === "high") && (
          <span className="whitespace-nowrap font-semibold text-danger">{row.priority}</span>
        )}
        <span className="tabular whitespace-nowrap text-muted" title="How long it has been waiting">
          {age > 0 ? `waits ${age} d` : "new today"}
        </span>
      </div>
      {row.reason && <p className="text-muted text-sm">{row.reason}</p>}
      {goes && row.priority === "emergency" && (
        <Button look="danger" className="mt-1 mr-1" onClick={() => urge(heldOf(row))}>
          Insert…
        </Button>
      )}
      {goes && (
        <>
          <Button className="mt-1" onClick={() => give(heldOf(row))}>
            <span>
              Give <span className="sr-only">{row.customer} </span>to…
            </span>
          </Button>
          {row.status !== "scheduled" && (
            <Button className="mt-1 ml-1" onClick={() => holdFor(heldOf(row), row.work_order_id)}>
              <span>
                Hold<span className="sr-only"> a time for {row.customer}</span>…
              </span>
            </Button>
          )}
        </>
      )}
    </li>
  );
});
