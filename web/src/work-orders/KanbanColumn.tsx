/** One column: how many there are, the first of them, more as one scrolls; and what letting go here would do. */

import { dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter";
import { Ban, CornerDownLeft } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import { cx } from "@/ui/cx";
import { Failed } from "@/ui/Failed";
import { More, useReadOnInSight } from "@/ui/More";
import { Skeleton } from "@/ui/Skeleton";
import { Status } from "@/ui/Status";
import type { Column } from "./columnsOf";
import { KanbanCard } from "./KanbanCard";
import { type Verb, WORDS } from "./moving";
import type { Way } from "./ways";
import type { WorkOrder } from "./work";

interface Props {
  status: WorkOrder["status"];
  column: Column;
  /** What would come of letting go here; null while nothing is held, or where it is there already. */
  way: Way | null;
  /** What is held is over this column. */
  over: boolean;
  writes: boolean;
  begin: (order: WorkOrder, verb: Verb) => void;
}

export function KanbanColumn({ status, column, way, over, writes, begin }: Props) {
  const { asked, rows, total } = column;
  const heading = useId();
  const element = useRef<HTMLElement>(null);
  const end = useRef<HTMLLIElement>(null);
  useReadOnInSight(asked, end);

  useEffect(() => {
    if (!element.current) return undefined;
    return dropTargetForElements({ element: element.current, getData: () => ({ status }) });
  }, [status]);

  const leads = way && "verb" in way;
  // an empty column takes no more room than its name; nor while something is held, or all would shift
  const narrow = total === 0;
  return (
    <section
      ref={element}
      aria-labelledby={heading}
      data-column={status}
      className={cx(
        "flex min-h-0 shrink-0 flex-col rounded-lg border bg-sunken",
        narrow ? "w-36" : "w-64 max-sm:w-[80vw]",
        leads ? "border-accent" : "border-line",
        leads && over && "bg-accent-wash",
        way && !leads && "opacity-70",
      )}
    >
      <header className="flex h-9 shrink-0 items-center justify-between gap-2 px-2">
        <h2 id={heading} className="min-w-0">
          <Status status={status} />
        </h2>
        {total !== null && (
          <span className="tabular whitespace-nowrap text-muted">
            {rows.length < total
              ? `${rows.length.toLocaleString()} of ${total.toLocaleString()}`
              : total.toLocaleString()}
          </span>
        )}
      </header>
      {way && (
        <p
          className={cx(
            "mx-2 mb-1.5 flex items-start gap-1.5 rounded-md border border-dashed px-2 py-1.5",
            leads ? "border-accent bg-surface font-medium text-ink" : "border-line-strong text-ink",
          )}
        >
          {leads ? (
            <>
              <CornerDownLeft aria-hidden className="mt-0.5 size-3.5 shrink-0" /> {WORDS[way.verb].text}
            </>
          ) : (
            <>
              <Ban aria-hidden className="mt-0.5 size-3.5 shrink-0" /> {way.why}
            </>
          )}
        </p>
      )}
      {asked.error && rows.length === 0 ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : asked.isPending ? (
        <Skeleton rows={4} label="Reading the column" />
      ) : (
        <ul className="flex min-h-0 flex-1 flex-col gap-1.5 overflow-y-auto px-1.5 pt-0.5 pb-2">
          {rows.map((order) => (
            <KanbanCard key={order.id} order={order} status={status} writes={writes} begin={begin} />
          ))}
          {asked.hasNextPage && (
            <li ref={end} className="grid place-items-center py-1">
              <More asked={asked} plain>
                Show more
              </More>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}
