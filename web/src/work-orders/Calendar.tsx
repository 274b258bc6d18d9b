/** Work orders by the days of their visits, as the organisation counts them: a month or a week at a time. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { api, ask, given } from "@/api/client";
import { dateIn, plusDays } from "@/board/clock";
import { dayFrom } from "@/ui/address";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Failed } from "@/ui/Failed";
import { zoneName } from "@/ui/zones";
import { Chip, type Day } from "./Chip";
import { mondayOf, monthWords, pageOfMonth, type Span, stepped } from "./calendarDays";
import { DayDrawer } from "./DayDrawer";

const EACH: Record<Span, number> = { month: 4, week: 60 };

interface Props {
  tree: object | null;
  view: string | null;
  /** The organisation's zone, by which its days are counted. */
  zone: string;
}

export function Calendar({ tree, view, zone }: Props) {
  const [address, setAddress] = useSearchParams();
  const today = dateIn(Date.now(), zone);
  const span: Span = address.get("span") === "week" ? "week" : "month";
  const at = dayFrom(address.get("on")) ?? today;
  const { first, days } = span === "week" ? { first: mondayOf(at), days: 7 } : pageOfMonth(at);
  const filter = tree ? JSON.stringify(tree) : null;
  const asked = useQuery({
    queryKey: ["work-orders", "calendar", { first, days, each: EACH[span], filter, view }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v2/work-orders/calendar", {
          params: { query: { first, days, each: EACH[span], ...given({ filter, view }) } },
          signal,
        }),
      ),
  });
  const [opened, setOpened] = useState<string | null>(null);
  const table = useRef<HTMLTableElement>(null);
  /** Set by a key: the day that has the focus once it is drawn. */
  const wanted = useRef<string | null>(null);

  function go(to: { on?: string; span?: Span }) {
    setAddress(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [key, value] of Object.entries(to)) {
          if (value === "month" || value === today) next.delete(key);
          else next.set(key, value);
        }
        return next;
      },
      { replace: true },
    );
  }

  useEffect(() => {
    if (wanted.current !== at) return;
    wanted.current = null;
    table.current?.querySelector<HTMLElement>(`[data-day="${at}"]`)?.focus();
  });

  function press(event: KeyboardEvent) {
    const cell = event.target as HTMLElement;
    if (cell.dataset.day === undefined) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return setOpened(at);
    }
    const to = stepped(at, event.key, span);
    if (!to) return;
    event.preventDefault();
    wanted.current = to;
    go({ on: to });
  }

  const byDay = new Map((asked.data?.days ?? []).map((one) => [one.day, one]));
  const weeks = Array.from({ length: days / 7 }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => plusDays(first, week * 7 + day)),
  );
  const page = span === "week" ? 7 : 0;
  const turn = (by: 1 | -1) =>
    go({ on: page ? plusDays(at, by * page) : (stepped(at, by > 0 ? "PageDown" : "PageUp", span) ?? at) });
  if (asked.error && !asked.data) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-line border-b bg-surface px-4 py-1.5">
        <Button aria-label={`The ${span} before`} className="w-control px-0!" onClick={() => turn(-1)}>
          <ChevronLeft aria-hidden className="size-4" />
        </Button>
        <Button aria-label={`The ${span} after`} className="w-control px-0!" onClick={() => turn(1)}>
          <ChevronRight aria-hidden className="size-4" />
        </Button>
        <Button onClick={() => go({ on: today })}>Today</Button>
        <h2 aria-live="polite" className="font-semibold">
          {monthWords(span === "week" ? first : at)}
        </h2>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset's look is not a toolbar's */}
        <div role="group" aria-label="How much" className="ml-auto flex gap-1">
          {(["month", "week"] as const).map((one) => (
            <Button
              key={one}
              look={one === span ? "normal" : "plain"}
              aria-pressed={one === span}
              onClick={() => go({ span: one })}
            >
              {one === "month" ? "Month" : "Week"}
            </Button>
          ))}
        </div>
        <span className="text-muted max-sm:hidden">{zoneName(zone)}</span>
      </div>
      <div className="min-h-0 flex-1 overflow-auto bg-surface" aria-busy={asked.isPlaceholderData}>
        <table
          ref={table}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrows go from day to day in it
          role="grid"
          aria-label="Visits by day"
          // each visit of a week has its whole time in it; narrower than that, it is scrolled
          className={cx("h-full w-full table-fixed border-collapse", span === "week" && "min-w-[880px]")}
          onKeyDown={press}
        >
          <thead>
            <tr>
              {weeks[0]?.map((one) => (
                <th
                  key={one}
                  scope="col"
                  className="sticky top-0 z-1 h-7 border-line border-b bg-surface font-medium text-muted text-sm"
                >
                  {weekday(one)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeks.map((week) => (
              <tr key={week[0]} className={cx("align-top", span === "month" && "h-[16%]")}>
                {week.map((one) => (
                  <Cell
                    key={one}
                    day={byDay.get(one) ?? null}
                    date={one}
                    zone={zone}
                    span={span}
                    today={one === today}
                    active={one === at}
                    dim={span === "month" && one.slice(0, 7) !== at.slice(0, 7)}
                    onActive={() => go({ on: one })}
                    onOpen={() => setOpened(one)}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {opened && (
        <DayDrawer day={opened} filter={filter} view={view} zone={zone} onClose={() => setOpened(null)} />
      )}
    </div>
  );
}

const weekday = (date: string) =>
  new Intl.DateTimeFormat(undefined, { weekday: "short", timeZone: "UTC" }).format(
    new Date(`${date}T00:00Z`),
  );
const whole = (date: string) =>
  new Intl.DateTimeFormat(undefined, {
    weekday: "long",
    month: "long",
    day: "numeric",
    timeZone: "UTC",
  }).format(new Date(`${date}T00:00Z`));

function Cell({
  day,
  date,
  zone,
  span,
  today,
  active,
  dim,
  onActive,
  onOpen,
}: {
  /** Null while it is read. */
  day: Day | null;
  date: string;
  zone: string;
  span: Span;
  today: boolean;
  active: boolean;
  /** A day of the month before or after. */
  dim: boolean;
  onActive: () => void;
  onOpen: () => void;
}) {
  const shown = day?.visits.slice(0, span === "month" && day.count > EACH.month ? EACH.month - 1 : 200) ?? [];
  const rest = (day?.count ?? 0) - shown.length;
  const month = span === "month";
  const counted = day ? (day.count === 1 ? "1 visit" : `${day.count} visits`) : "";
  return (
    <td
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: as the table
      role="gridcell"
      aria-current={today ? "date" : undefined}
      tabIndex={active ? 0 : -1}
      data-day={date}
      className={cx(
        "relative h-px border-line border-r border-b p-1 -outline-offset-2 last:border-r-0",
        dim && "bg-sunken",
      )}
      onFocus={(event) => event.target === event.currentTarget && !active && onActive()}
    >
      <div className="flex h-full flex-col gap-px">
        <p className="flex h-5 items-center justify-between gap-1 px-0.5 text-sm">
          <span
            className={cx(
              "tabular",
              today
                ? "rounded-full bg-accent px-1.5 font-semibold text-on-accent"
                : dim
                  ? "text-muted"
                  : "font-medium",
            )}
          >
            <span aria-hidden>{Number(date.slice(8))}</span>
            <span className="sr-only">{`${whole(date)}, ${counted}`}</span>
          </span>
          {day && day.count > 0 && (
            <span className={cx("tabular text-muted", month ? "min-[900px]:hidden" : "sm:hidden")}>
              {day.count}
            </span>
          )}
        </p>
        <ul className={cx("flex min-h-0 flex-col gap-px", month && "max-[900px]:hidden")}>
          {shown.map((one) => (
            <li key={one.visit_id}>
              <Chip visit={one} zone={zone} tall={span === "week"} tab={active} />
            </li>
          ))}
        </ul>
        {(day?.count ?? 0) > 0 && (
          <button
            type="button"
            tabIndex={active ? 0 : -1}
            className={cx(
              "tabular min-h-6 rounded px-1 text-left text-accent text-sm hover:underline pointer-coarse:min-h-11",
              // where its visits have no room, the whole day is pressed
              month
                ? "max-[900px]:absolute max-[900px]:inset-0 max-[900px]:text-transparent"
                : "max-sm:absolute max-sm:inset-0 max-sm:text-transparent",
              rest === 0 && (month ? "min-[900px]:hidden" : "sm:hidden"),
            )}
            onClick={onOpen}
          >
            +{rest} <span className="sr-only">{`: all ${counted} of ${whole(date)}`}</span>
          </button>
        )}
      </div>
    </td>
  );
}
