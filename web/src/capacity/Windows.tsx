/** Days down, windows across. Arrows go from window to window, Enter goes to the board of the day; on a phone a
 * day's windows stand below it. */

import { TriangleAlert } from "lucide-react";
import type { KeyboardEvent } from "react";
import { Link } from "react-router";
import { minutes } from "@/call/windows";
import { cx } from "@/ui/cx";
import { onDay } from "@/ui/when";
import { Bar } from "./Bar";
import {
  type Capacity,
  FIGURES,
  type Figure,
  type State,
  stateOf,
  type Table,
  type Window,
  without,
} from "./figures";

export interface At {
  day: string;
  /** The hours of a window: "08:00–10:00". */
  key: string;
}

interface Props {
  found: Capacity;
  table: Table;
  shown: Figure;
  today: string;
  at: At;
  boardOf: (day: string) => string;
  onAt: (at: At) => void;
  onEnter: (day: string) => void;
  /** To the days before or after. */
  onTurn: (by: 1 | -1) => void;
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

const LOOKS: Record<State, string> = {
  past: "text-muted",
  nobody: "text-muted",
  full: "text-danger",
  short: "text-warn",
  open: "",
};
const WORDS: Record<State, string> = {
  past: "Past",
  nobody: "Nobody works",
  full: "Full",
  short: "",
  open: "",
};

const limited = (to: number, count: number) => Math.max(0, Math.min(count - 1, to));

export function Windows({ found, table, shown, today, at, boardOf, onAt, onEnter, onTurn }: Props) {
  const { columns, rows } = table;

  function press(event: KeyboardEvent) {
    const cell = event.target;
    if (!(cell instanceof HTMLTableCellElement) || cell.role !== "gridcell") return;
    const row = cell.parentElement as HTMLTableRowElement;
    const step = STEPS[event.key];
    // the first cell of a row is its day
    let to = { down: row.sectionRowIndex, across: cell.cellIndex - 1 };
    if (step) to = { down: to.down + step[0], across: to.across + step[1] };
    else if (event.key === "Home") to.across = 0;
    else if (event.key === "End") to.across = columns.length - 1;
    else if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      return onTurn(event.key === "PageDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      return onEnter(rows[to.down]?.day ?? at.day);
    } else return;
    event.preventDefault();
    const body = row.parentElement as HTMLTableSectionElement;
    body.rows[limited(to.down, rows.length)]?.cells[limited(to.across, columns.length) + 1]?.focus();
  }

  const figure = FIGURES.find((one) => one.key === shown)?.words ?? "";
  return (
    <table
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrows go from window to window in it
      role="grid"
      aria-label={`${figure}, by day and window`}
      className="w-full border-separate border-spacing-0 max-sm:block"
      onKeyDown={press}
    >
      <thead className="max-sm:sr-only">
        <tr>
          <th scope="col" className={HEADER}>
            Day
          </th>
          {columns.map((one) => (
            <th key={one.key} scope="col" className={HEADER}>
              <span className="tabular whitespace-nowrap">{one.words}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="max-sm:block">
        {rows.map(({ day, windows }) => (
          <tr key={day} className="max-sm:grid max-sm:grid-cols-2">
            <th
              scope="row"
              className="h-11 whitespace-nowrap border-line border-b px-4 text-left font-medium max-sm:col-span-2 max-sm:flex max-sm:items-center max-sm:bg-sunken"
            >
              <Link to={boardOf(day)} className="tabular hover:underline">
                {day === today ? "Today" : onDay(day, false)}
              </Link>
            </th>
            {columns.map((column) => (
              <Cell
                key={column.key}
                window={windows.get(column.key)}
                words={column.words}
                shown={shown}
                chosen={at.day === day && at.key === column.key}
                loose={windowed(found, windows.get(column.key))}
                onChoose={() => onAt({ day, key: column.key })}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const HEADER =
  "sticky top-0 z-1 h-8 border-line border-b bg-surface px-3 text-left font-medium text-muted text-sm first:px-4";

const windowed = (found: Capacity, window: Window | undefined) =>
  window ? without(found, window).length : 0;

interface CellProps {
  window: Window | undefined;
  words: string;
  shown: Figure;
  chosen: boolean;
  /** Promised visits without a place. */
  loose: number;
  onChoose: () => void;
}

function Cell({ window, words, shown, chosen, loose, onChoose }: CellProps) {
  const state = window && stateOf(window);
  const left = shown === "remaining";
  return (
    <td
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: as the table
      role="gridcell"
      tabIndex={chosen ? 0 : -1}
      aria-selected={chosen}
      className={cx(
        "border-line border-b px-3 py-1 -outline-offset-2 max-sm:min-h-11",
        chosen && "bg-accent-wash",
        !window && "max-sm:hidden",
      )}
      onFocus={onChoose}
    >
      {window && state ? (
        <div className="flex min-w-16 flex-col gap-1">
          <span className="text-muted text-sm sm:hidden">{words}</span>
          <span className={cx("flex items-center gap-1 whitespace-nowrap", left && LOOKS[state])}>
            <span className="tabular">{(left && WORDS[state]) || minutes(window[shown])}</span>
            {left && state === "short" && <span className="sr-only">, little is left</span>}
            {loose > 0 && (
              <>
                <TriangleAlert aria-hidden className="size-3.5 text-danger" />
                <span className="sr-only">
                  , {loose === 1 ? "a promised visit has" : `${loose} promised visits have`} no place
                </span>
              </>
            )}
            {left && window.available > 0 && (
              <span className="tabular ml-auto text-muted text-sm max-xl:hidden">
                of {minutes(window.available)}
              </span>
            )}
          </span>
          <Bar of={window} />
        </div>
      ) : (
        <span className="sr-only">No such window</span>
      )}
    </td>
  );
}
