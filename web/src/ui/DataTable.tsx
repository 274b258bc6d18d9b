/** A list that one works in: sorted and filtered by the server, any length of it, by mouse and by keyboard.
 * j/k go through it, x selects, Enter opens, Esc lets go, `/` goes to the filter. */

import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { Button } from "./Button";
import { Rows } from "./DataRows";
import { EmptyState } from "./EmptyState";
import { Failed } from "./Failed";
import { FilterBar } from "./FilterBar";
import { useKeys } from "./keys";
import { SavedViews } from "./SavedViews";
import { Skeleton } from "./Skeleton";
import type { List } from "./useList";

export interface Column<Row> {
  key: string;
  heading: string;
  cell: (row: Row) => ReactNode;
  /** The field that the API sorts by. */
  sort?: string;
  /** An amount or a number: at the right, digits under digits, never cut off. */
  number?: boolean;
  /** CSS width; columns without one share what is left. */
  width?: string;
  /** Only where the list is at least this many pixels wide. */
  from?: number;
  /** Only where it is narrower than this: a shorter way to say what another column says. */
  until?: number;
}

export interface DataTableProps<Row extends { id: string }> {
  list: List<Row>;
  /** What the rows are, in the plural: "customers". */
  name: string;
  /** And what one is: "customer". */
  one?: string;
  /** And several, where they are counted as something else than their name: "pieces of equipment". */
  several?: string;
  columns: readonly Column<Row>[];
  /** The address of a row's record. */
  open?: (row: Row) => string;
  /** What to call a row where only its name is said. */
  called?: (row: Row) => string;
  /** Choices that narrow the list, beside its search box. */
  filters?: ReactNode;
  /** False: a list that views cannot be saved of. */
  views?: boolean;
  /** What can be done with those that are selected; rows can be selected when it is given. */
  actions?: (selected: Row[], done: () => void) => ReactNode;
  /** What to say while there are none at all. */
  empty?: ReactNode;
}

export function DataTable<Row extends { id: string }>(props: DataTableProps<Row>) {
  const { list, name, columns, open, actions } = props;
  const { rows, asked } = list;
  const go = useNavigate();
  const key = useId();
  const grid = useRef<HTMLTableElement>(null);
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  // the row one was at stands in the address, so that one comes back to it
  const [active, setActive] = useState<string | null>(list.address.get("at"));
  const place = rows.findIndex((row) => row.id === active);
  const chosen = rows.filter((row) => selected.has(row.id));

  useEffect(() => {
    // what is not in the list any more is not selected either
    if (!asked.isPlaceholderData && selected.size && chosen.length < selected.size && rows.length) {
      select(new Set(chosen.map((row) => row.id)));
    }
  }, [asked.isPlaceholderData, chosen, rows.length, selected]);

  function toggle(id: string) {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    select(next);
  }

  function step(by: number) {
    const next = rows[Math.max(0, Math.min(rows.length - 1, place + by))] ?? rows[0];
    if (!next) return;
    setActive(next.id);
    grid.current?.focus({ preventScroll: true });
  }

  async function enter(row: Row) {
    if (!open) return;
    list.change({ at: row.id });
    await go(open(row));
  }

  const current = rows[place];
  useKeys([
    { keys: "j", says: "Next row", group: "Lists", do: () => step(1) },
    { keys: "k", says: "Row before", group: "Lists", do: () => step(-1) },
    { keys: "ArrowDown", do: ({ target }) => (target === grid.current ? step(1) : false) },
    { keys: "ArrowUp", do: ({ target }) => (target === grid.current ? step(-1) : false) },
    {
      keys: "Enter",
      ...(open ? { says: "Open the row", group: "Lists" } : {}),
      do: ({ target }) => {
        const elsewhere = target instanceof Element && target.closest("a,button,summary,label");
        return current && open && !elsewhere ? void enter(current) : false;
      },
    },
    ...(actions
      ? [
          {
            keys: "x",
            says: "Select the row",
            group: "Lists",
            do: () => (current ? toggle(current.id) : false),
          },
        ]
      : []),
    {
      keys: "Escape",
      says: "Let go of what is selected",
      group: "Lists",
      do: () => {
        if (!selected.size && !active) return false;
        if (selected.size) select(new Set());
        else setActive(null);
        return true;
      },
    },
  ]);

  if (asked.error && !rows.length) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <FilterBar
        list={list}
        name={name}
        one={props.one}
        several={props.several}
        views={props.views !== false && <SavedViews list={list} name={name} />}
        onLeave={() => step(place < 0 ? 1 : 0)}
      >
        {props.filters}
      </FilterBar>
      {asked.isPending ? (
        <Skeleton rows={18} label={`Loading ${name}`} />
      ) : rows.length === 0 ? (
        <Nothing list={list} name={name} empty={props.empty} />
      ) : (
        <Rows
          {...{ grid, list, name, columns, active, selected, toggle }}
          id={key}
          called={props.called ?? ((row) => row.id)}
          href={open}
          selectable={actions !== undefined}
          selectAll={(all) => select(new Set(all ? rows.map((row) => row.id) : []))}
          onActive={setActive}
          enter={(row) => void enter(row)}
        />
      )}
      {actions && chosen.length > 0 && (
        <section
          aria-label="Selected"
          className="absolute inset-x-4 bottom-4 z-10 mx-auto flex w-fit max-w-full flex-wrap items-center gap-2 rounded-lg border border-line bg-raised p-2 shadow-float"
        >
          <span className="tabular px-1" role="status">
            {chosen.length} selected
          </span>
          {actions(chosen, () => select(new Set()))}
          <Button look="plain" onClick={() => select(new Set())}>
            Clear
          </Button>
        </section>
      )}
    </div>
  );
}

function Nothing<Row>({ list, name, empty }: { list: List<Row>; name: string; empty: ReactNode }) {
  if (!list.narrowed) return <>{empty ?? <EmptyState title={`There are no ${name} yet.`} />}</>;
  const none = Object.fromEntries(["view", ...list.narrows].map((one) => [one, null]));
  return (
    <EmptyState
      title={`No ${name} match.`}
      action={<Button onClick={() => list.change(none)}>Show all {name}</Button>}
    >
      None of them meets all that is asked for above.
    </EmptyState>
  );
}
