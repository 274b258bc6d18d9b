/** The rows of a DataTable: only those in sight are in the document, as a table all the same. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { TICK } from "./Checkbox";
import { cx } from "./cx";
import type { Column } from "./DataTable";
import { Unread, useReadOn } from "./More";
import { usePreferences } from "./preferences";
import type { List } from "./useList";

interface RowsProps<Row> {
  id: string;
  grid: RefObject<HTMLTableElement | null>;
  list: List<Row>;
  name: string;
  columns: readonly Column<Row>[];
  active: string | null;
  selected: ReadonlySet<string>;
  selectable: boolean;
  toggle: (id: string) => void;
  selectAll: (all: boolean) => void;
  called: (row: Row) => string;
  href: ((row: Row) => string) | undefined;
  onActive: (id: string) => void;
  enter: (row: Row) => void;
}

/** How high a row is, as the tokens say at the moment. */
function useRowHeight(): number {
  const density = usePreferences((all) => all.density);
  const [height, setHeight] = useState(36);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another density has another height
  useLayoutEffect(() => {
    const measure = () =>
      setHeight(Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10));
    measure();
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, [density]);
  return height;
}

function useWidth(of: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!of.current) return;
    const seen = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    seen.observe(of.current);
    setWidth(of.current.clientWidth);
    return () => seen.disconnect();
  }, [of]);
  return width;
}

const AROUND = 8;
const NEAR_THE_END = 30;

export function Rows<Row extends { id: string }>(props: RowsProps<Row>) {
  const { list, columns, active, selected, grid } = props;
  const { rows, asked } = list;
  const frame = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const width = useWidth(frame);
  const shown = columns.filter(
    ({ from = 0, until = Number.POSITIVE_INFINITY }) => width >= from && width < until,
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    getItemKey: (place) => rows[place]?.id ?? place,
    overscan: AROUND,
    scrollPaddingStart: height,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height stand elsewhere
  useEffect(() => virtual.measure(), [height]);

  const place = rows.findIndex((row) => row.id === active);
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place, { align: "auto" });
  }, [place, virtual]);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useReadOn(asked, last >= rows.length - NEAR_THE_END);

  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const spans = shown.length + (props.selectable ? 1 : 0);

  return (
    <>
      <div
        ref={frame}
        className="min-h-0 flex-1 overflow-auto bg-surface"
        aria-busy={asked.isPlaceholderData}
      >
        <table
          ref={grid}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table that keys move in is a grid
          role="grid"
          tabIndex={0}
          aria-label={props.name}
          aria-rowcount={(list.total ?? rows.length) + 1}
          aria-multiselectable={props.selectable || undefined}
          aria-activedescendant={place >= 0 ? `${props.id}-${active}` : undefined}
          className="peer w-full min-w-fit table-fixed border-separate border-spacing-0 -outline-offset-2"
        >
          <colgroup>
            {props.selectable && <col style={{ width: 44 }} />}
            {shown.map((column) => (
              <col key={column.key} style={column.width ? { width: column.width } : {}} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {props.selectable && (
                <th
                  scope="col"
                  className="sticky top-0 z-1 h-8 border-line border-b bg-surface pl-4 text-left"
                >
                  <input
                    type="checkbox"
                    className={cx(TICK, "block")}
                    aria-label={`Select all ${props.name} that are loaded`}
                    checked={rows.length > 0 && selected.size === rows.length}
                    ref={(box) => {
                      if (box) box.indeterminate = selected.size > 0 && selected.size < rows.length;
                    }}
                    onChange={(event) => props.selectAll(event.target.checked)}
                  />
                </th>
              )}
              {shown.map((column) => (
                <Heading key={column.key} column={column} list={list} />
              ))}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <Space height={above} spans={spans} />}
            {items.map(({ index, key }) => {
              const row = rows[index];
              return row && <Line key={key} {...props} row={row} place={index} columns={shown} />;
            })}
            {below > 0 && <Space height={below} spans={spans} />}
          </tbody>
        </table>
      </div>
      <Unread asked={asked} className="shrink-0 border-line border-t bg-surface px-4 py-2" />
    </>
  );
}

function Space({ height, spans }: { height: number; spans: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={spans} style={{ height, padding: 0 }} />
    </tr>
  );
}

function Heading<Row>({ column, list }: { column: Column<Row>; list: List<Row> }) {
  const { sort } = column;
  const now = list.address.has("view") && !list.address.has("sort") ? undefined : list.sort;
  const order = !sort
    ? undefined
    : now === sort
      ? "ascending"
      : now === `-${sort}`
        ? "descending"
        : undefined;
  const Sign = order === "descending" ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={order}
      className={cx(
        "sticky top-0 z-1 h-8 whitespace-nowrap border-line border-b bg-surface px-3 font-medium text-muted text-sm first:pl-4 last:pr-4",
        column.number ? "text-right" : "text-left",
      )}
    >
      {sort ? (
        <button
          type="button"
          className={cx(
            "inline-flex h-8 items-center gap-1 hover:text-ink",
            order && "text-ink",
            column.number && "flex-row-reverse",
          )}
          onClick={() => list.change({ sort: order === "ascending" ? `-${sort}` : sort })}
        >
          {column.heading}
          {order && <Sign aria-hidden className="size-3" />}
        </button>
      ) : (
        column.heading
      )}
    </th>
  );
}

const INSIDE = "a,button,input,select,label,summary";

function Line<Row extends { id: string }>({
  row,
  place,
  columns,
  ...props
}: RowsProps<Row> & { row: Row; place: number }) {
  const { id, active, selected, selectable, toggle, called, href, onActive, enter } = props;
  const isSelected = selected.has(row.id);
  return (
    <tr
      id={`${id}-${row.id}`}
      aria-rowindex={place + 2}
      aria-selected={selectable ? isSelected : undefined}
      data-active={row.id === active || undefined}
      className={cx(
        "group/row h-row data-active:bg-accent-wash",
        href && "cursor-pointer",
        isSelected ? "bg-accent-wash" : "hover:bg-canvas",
      )}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest(INSIDE)) return;
        if (getSelection()?.toString()) return; // somebody copies something
        onActive(row.id);
        enter(row);
      }}
    >
      {selectable && (
        <td className="border-line border-b pl-4">
          <input
            type="checkbox"
            tabIndex={-1}
            className={cx(TICK, "block")}
            aria-label={`Select ${called(row)}`}
            checked={isSelected}
            onChange={() => {
              onActive(row.id);
              toggle(row.id);
            }}
          />
        </td>
      )}
      {columns.map((column, first) => (
        <td
          key={column.key}
          className={cx(
            "h-row border-line border-b px-3 first:pl-4 last:pr-4",
            column.number ? "tabular whitespace-nowrap text-right" : "truncate",
            first === 0 && "group-data-active/row:shadow-[inset_2px_0_0_var(--accent)]",
          )}
        >
          {first === 0 && href ? (
            <Link
              to={href(row)}
              tabIndex={-1}
              className="font-medium hover:underline"
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                enter(row);
              }}
            >
              {column.cell(row)}
            </Link>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
    </tr>
  );
}
