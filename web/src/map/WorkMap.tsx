/** Work orders on a map: those of the list, as it is narrowed, up to a bound that is said. */

import { useEffect, useMemo } from "react";
import { Link } from "react-router";
import { cx } from "@/ui/cx";
import { Failed } from "@/ui/Failed";
import { Unread, useReadOn } from "@/ui/More";
import { Status, words } from "@/ui/Status";
import type { List } from "@/ui/useList";
import { NextVisit, PriorityMark } from "@/work-orders/columns";
import { pathOf, type WorkOrder } from "@/work-orders/work";
import { WorkLegend } from "./Legend";
import { LiveMap } from "./LiveMap";
import type { Mark, Pin } from "./shapes";

/** More pins than these say nothing, and take long to read. */
const MOST = 500;

const MARKS: Record<string, Mark> = {
  draft: "open",
  ready: "open",
  scheduled: "planned",
  in_progress: "there",
  on_hold: "trouble",
  completed: "done",
  approved: "done",
  closed: "done",
  canceled: "canceled",
};
const COLOURS: Record<string, string> = {
  low: "#5b6472",
  normal: "#1f5fd6",
  high: "#b45309",
  emergency: "#b3261e",
};

/** What is still to be done lies above what is over. */
const BELOW = ["done", "canceled"];

function pinsOf(rows: readonly WorkOrder[]): Pin[] {
  const pins = rows.flatMap(({ id, number, customer, status, priority, site }): Pin[] =>
    site.latitude === null || site.longitude === null
      ? []
      : [
          {
            id,
            at: [site.longitude, site.latitude],
            text: null,
            mark: MARKS[status] ?? "planned",
            colour: COLOURS[priority] ?? null,
            alert:
              priority === "emergency" && !["completed", "approved", "closed", "canceled"].includes(status),
            title: `${customer.name}, ${number}\n${words(status)}`,
          },
        ],
  );
  return pins.sort((one, other) => Number(BELOW.includes(other.mark)) - Number(BELOW.includes(one.mark)));
}

export default function WorkMap({ list }: { list: List<WorkOrder> }) {
  const { asked, total, address, change } = list;
  const rows = useMemo(() => list.rows.slice(0, MOST), [list.rows]);
  const selected = address.get("pin");
  useReadOn(asked, list.rows.length < MOST);
  const pins = useMemo(() => pinsOf(rows), [rows]);
  const scene = useMemo(() => ({ pins, movers: [], routes: [] }), [pins]);
  useEffect(() => {
    document.querySelector(`[data-row="${selected}"]`)?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  if (asked.error && rows.length === 0)
    return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const choose = (id: string | null) => change({ pin: id === selected ? null : id });
  const unplaced = rows.length - pins.length;
  const failed = asked.isFetchNextPageError;
  const reading = asked.hasNextPage && rows.length < MOST && !failed;
  return (
    <div className="flex min-h-0 flex-1 max-md:flex-col">
      <div className="relative min-h-0 min-w-0 flex-1 max-md:min-h-[45%]">
        <LiveMap
          label="Map of work orders"
          scene={scene}
          selected={selected}
          onSelect={choose}
          fits={reading || asked.isPlaceholderData ? "" : JSON.stringify(list.tree)}
        >
          <WorkLegend />
        </LiveMap>
      </div>
      <section
        aria-label="The same as a list"
        className="w-96 shrink-0 overflow-auto border-line border-l bg-surface max-md:w-full max-md:flex-1 max-md:border-t max-md:border-l-0"
      >
        <p role="status" className="tabular border-line border-b px-3 py-1.5 text-muted text-sm">
          {said(rows.length, total, reading, failed)}
          {unplaced > 0 && ` ${unplaced} of them ${unplaced === 1 ? "has" : "have"} no place on the map.`}
        </p>
        <Unread asked={asked} className="border-line border-b px-3 py-1.5" />
        <ul>
          {rows.map((row) => (
            <Row key={row.id} of={row} chosen={row.id === selected} onChoose={() => choose(row.id)} />
          ))}
        </ul>
      </section>
    </div>
  );
}

function said(shown: number, total: number | null, reading: boolean, failed: boolean): string {
  const count = (one: number) => one.toLocaleString();
  if (failed) return `Showing ${count(shown)}${total === null ? "" : ` of ${count(total)}`}.`;
  if (reading) return `Reading… ${count(shown)}${total === null ? "" : ` of ${count(total)}`}.`;
  if (shown === 0) return "No work order is like that.";
  if (total !== null && total > shown) {
    return `Showing ${count(shown)} of ${count(total)}: narrow the list to see the others.`;
  }
  return `Showing all ${count(shown)}.`;
}

function Row({ of, chosen, onChoose }: { of: WorkOrder; chosen: boolean; onChoose: () => void }) {
  const placed = of.site.latitude !== null;
  return (
    <li
      data-row={of.id}
      className={cx("flex gap-2 border-line border-b px-3 py-1.5", chosen && "bg-accent-wash")}
    >
      <button
        type="button"
        aria-pressed={chosen}
        disabled={!placed}
        className="min-h-6 min-w-0 flex-1 text-left pointer-coarse:min-h-11"
        onClick={onChoose}
      >
        <span className="block truncate font-medium">{of.customer.name}</span>
        <span className="block truncate text-muted text-sm">{of.site.address}</span>
        <span className="block text-sm">
          {placed ? <NextVisit order={of} /> : <span className="text-warn">No place on the map</span>}
        </span>
      </button>
      <span className="flex shrink-0 flex-col items-end gap-0.5 text-sm">
        <Link to={pathOf(of.id)} className="tabular inline-block py-0.5 font-medium hover:underline">
          {of.number}
        </Link>
        <Status status={of.status} />
        {of.priority !== "normal" && <PriorityMark of={of.priority} />}
      </span>
    </li>
  );
}
