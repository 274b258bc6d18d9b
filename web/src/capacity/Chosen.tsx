/** The chosen window in full: what its time has become, who is not counted, what was promised and has no place. */

import { CalendarRange, TriangleAlert } from "lucide-react";
import { Link } from "react-router";
import { minutes, span } from "@/call/windows";
import { recordPath } from "@/office/nav";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { onDay } from "@/ui/when";
import { Bar, Swatch } from "./Bar";
import { type Capacity, FIGURES, stateOf, type Window, without } from "./figures";

const ORDER = [...FIGURES.slice(1), FIGURES[0]];

interface Props {
  found: Capacity;
  day: string;
  /** Null: the day has no such window. */
  window: Window | null;
  board: string;
}

export function Chosen({ found, day, window, board }: Props) {
  const zone = found.time_zone;
  const loose = window ? without(found, window) : [];
  const unknown = found.left_out.filter((one) => one.days.includes(day));
  const hours = window ? span(window.window_start, window.window_end, zone) : "no such window";
  return (
    <aside
      aria-label="The chosen window"
      className="flex w-80 shrink-0 flex-col gap-4 overflow-auto border-line border-l bg-surface p-4 max-lg:max-h-[45%] max-lg:w-auto max-lg:gap-2 max-lg:border-t max-lg:border-l-0"
    >
      <div>
        <h2 className="font-semibold">{onDay(day, false)}</h2>
        <p className="tabular text-muted">{hours}</p>
      </div>
      {window && (
        <>
          <Bar of={window} />
          <dl className="flex flex-col gap-1">
            {ORDER.map(({ key, words }) => (
              <div
                key={key}
                className={cx(
                  "flex items-center gap-2",
                  key === "remaining" && "border-line border-t pt-1 font-semibold",
                )}
              >
                <Swatch of={key} />
                <dt>{words}</dt>
                <dd className="tabular ml-auto">{minutes(window[key])}</dd>
              </div>
            ))}
          </dl>
          {stateOf(window) === "past" && <p className="text-muted">This window is over.</p>}
          {stateOf(window) === "nobody" && <p className="text-muted">Nobody works in this window.</p>}
        </>
      )}
      <Button asChild look="primary" className="shrink-0">
        <Link to={board}>
          <CalendarRange aria-hidden className="size-3.5" /> The board of this day
        </Link>
      </Button>
      {loose.length > 0 && (
        <section aria-label="Promised, and no place is left">
          <h3 className="flex items-center gap-1.5 font-medium text-danger">
            <TriangleAlert aria-hidden className="size-3.5" /> Promised, and no place is left
          </h3>
          <ul>
            {loose.map((one) => (
              <li key={one.visit_id} className="flex flex-wrap items-center justify-between gap-x-2 py-1">
                <Link to={`${board}&visit=${one.visit_id}`} className="text-accent underline">
                  {one.work_order}
                </Link>
                <span className="tabular text-muted">{span(one.window_start, one.window_end, zone)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {unknown.length > 0 && (
        <section aria-label="Not counted on this day">
          <h3 className="font-medium">Not counted on this day</h3>
          <ul>
            {unknown.map((one) => (
              <li key={one.id} className="py-1">
                <Link to={recordPath(one.kind, one.id) ?? board} className="text-accent underline">
                  {one.name}
                </Link>
                <p className="text-muted">{one.why}</p>
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}
