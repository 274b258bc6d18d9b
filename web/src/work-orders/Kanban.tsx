/** Work orders on a board: a column for each status, cards that go where a verb leads. While a card is held
 * each column says what would come of it, or why nothing would. */

import { monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter";
import { useEffect, useRef, useState } from "react";
import type { Tree } from "@/ui/filters";
import { words } from "@/ui/Status";
import { COLUMNS_OF, type Placed, useColumn } from "./columnsOf";
import { KanbanColumn } from "./KanbanColumn";
import { useMoving, type Verb, WORDS } from "./moving";
import { byVisits, wayTo } from "./ways";
import { OVER, type WorkOrder } from "./work";

type Status = WorkOrder["status"];

/** Where a card stands while the server is asked. */
const TARGET: Record<Verb, (order: WorkOrder) => Status> = {
  ready: () => "ready",
  release: byVisits,
  complete: () => "completed",
  approve: () => "approved",
  close: () => "closed",
  reopen: () => "in_progress",
  hold: () => "on_hold",
  cancel: () => "canceled",
};

/** The columns that a filter on the status leaves. */
export function columnsFor(asked: string | null): readonly Status[] {
  if (!asked) return COLUMNS_OF;
  if (asked === "open") return COLUMNS_OF.filter((one) => !OVER.includes(one));
  if (asked === "over") return COLUMNS_OF.filter((one) => OVER.includes(one));
  const some = asked.split(",");
  return COLUMNS_OF.filter((one) => some.includes(one));
}

interface Props {
  /** What the address asks for, as the list has it. */
  tree: Tree | null;
  view: string | null;
  status: string | null;
  /** Whether cards may be moved by whoever looks. */
  writes: boolean;
}

export function Kanban({ tree, view, status, writes }: Props) {
  const [placed, setPlaced] = useState<ReadonlyMap<string, Placed>>(new Map());
  const { begin, layer } = useMoving((order, verb) => {
    const here: Placed = { order, to: TARGET[verb](order) };
    setPlaced((before) => new Map(before).set(order.id, here));
    // what was sent after it and is on its way still stays where that puts it
    return () =>
      setPlaced((before) =>
        before.get(order.id) === here ? new Map([...before].filter(([id]) => id !== order.id)) : before,
      );
  });
  const [held, setHeld] = useState<WorkOrder | null>(null);
  const [over, setOver] = useState<Status | null>(null);
  const latest = useRef(begin);
  latest.current = begin;

  useEffect(() => {
    const orderOf = (data: Record<string, unknown>) => data.order as WorkOrder;
    const columnOf = (targets: readonly { data: Record<string | symbol, unknown> }[]) =>
      (targets[0]?.data.status as Status | undefined) ?? null;
    return monitorForElements({
      canMonitor: ({ source }) => "order" in source.data,
      onDragStart: ({ source }) => setHeld(orderOf(source.data)),
      onDropTargetChange: ({ location }) => setOver(columnOf(location.current.dropTargets)),
      onDrop: ({ source, location }) => {
        setHeld(null);
        setOver(null);
        const to = columnOf(location.current.dropTargets);
        const way = to && wayTo(orderOf(source.data), to);
        if (way && "verb" in way) latest.current(orderOf(source.data), way.verb);
      },
    });
  }, []);

  const way = held && over ? wayTo(held, over) : null;
  const columns = columnsFor(status);
  return (
    <>
      <p role="status" className="sr-only">
        {way && over && ("verb" in way ? `Let go: ${WORDS[way.verb].text}` : `${words(over)}: ${way.why}`)}
      </p>
      <section
        aria-label="Work orders by status"
        className="flex min-h-0 flex-1 gap-2 overflow-x-auto p-2"
        onKeyDown={step}
      >
        {columns.map((one) => (
          <Reading
            key={one}
            {...{ status: one, tree, view, writes, placed, held, begin }}
            over={over === one}
          />
        ))}
      </section>
      {layer}
    </>
  );
}

function Reading({
  status,
  tree,
  view,
  placed,
  held,
  ...rest
}: {
  status: Status;
  tree: Tree | null;
  view: string | null;
  placed: ReadonlyMap<string, Placed>;
  writes: boolean;
  held: WorkOrder | null;
  over: boolean;
  begin: (order: WorkOrder, verb: Verb) => void;
}) {
  const column = useColumn(status, tree, view, placed);
  return <KanbanColumn status={status} column={column} way={held && wayTo(held, status)} {...rest} />;
}

/** Arrows go from card to card; Enter opens, as on any link. */
function step(event: React.KeyboardEvent<HTMLElement>) {
  const link = (event.target as Element).closest<HTMLElement>("a[data-card]");
  const column = link?.closest("[data-column]");
  if (!link || !column) return;
  const cards = (of: Element) => [...of.querySelectorAll<HTMLElement>("a[data-card]")];
  const place = cards(column).indexOf(link);
  let next: HTMLElement | undefined;
  if (event.key === "ArrowDown") next = cards(column)[place + 1];
  else if (event.key === "ArrowUp") next = cards(column)[place - 1];
  else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    const all = [...event.currentTarget.querySelectorAll("[data-column]")].filter((one) => cards(one).length);
    const beside = all[all.indexOf(column) + (event.key === "ArrowRight" ? 1 : -1)];
    const there = beside ? cards(beside) : [];
    next = there[Math.min(place, there.length - 1)];
  } else return;
  event.preventDefault();
  next?.focus();
  next?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
