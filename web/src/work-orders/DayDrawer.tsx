/** All visits of one day, beside the calendar. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, ask, given } from "@/api/client";
import { Button } from "@/ui/Button";
import { Drawer } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Skeleton } from "@/ui/Skeleton";
import { Status } from "@/ui/Status";
import { between, onDay, when } from "@/ui/when";
import { pathOf } from "./work";

const MOST = 200;

interface Props {
  day: string;
  filter: string | null;
  view: string | null;
  zone: string;
  onClose: () => void;
}

export function DayDrawer({ day, filter, view, zone, onClose }: Props) {
  const asked = useQuery({
    queryKey: ["work-orders", "calendar", { first: day, days: 1, each: MOST, filter, view }],
    queryFn: () =>
      ask(
        api.GET("/api/v2/work-orders/calendar", {
          params: { query: { first: day, days: 1, each: MOST, ...given({ filter, view }) } },
        }),
      ).then((found) => found.days[0]),
  });
  const of = asked.data;
  const more = of ? of.count - of.visits.length : 0;
  return (
    <Drawer
      open
      onClose={onClose}
      title={onDay(day)}
      about={of && (of.count === 1 ? "1 visit" : `${of.count.toLocaleString()} visits`)}
      actions={
        <Button asChild>
          <Link to={`/board?date=${day}`}>This day on the schedule board</Link>
        </Button>
      }
    >
      {asked.error && !of ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : !of ? (
        <Skeleton rows={6} label="Reading the day" />
      ) : of.count === 0 ? (
        <p className="text-muted">Nothing is planned or promised for this day.</p>
      ) : (
        <ul className="-my-2 divide-y divide-line">
          {of.visits.map((one) => (
            <li key={one.visit_id} className="relative py-2">
              <p className="flex flex-wrap items-center gap-x-2">
                <Link
                  to={pathOf(one.work_order_id)}
                  className="tabular font-medium after:absolute after:inset-0"
                >
                  {one.number}
                </Link>
                <Status status={one.status} />
                <span className="tabular ml-auto whitespace-nowrap">
                  {!one.is_planned && "promised "}
                  {one.end ? between(one.start, one.end, zone) : when(one.start, zone, "time")}
                </span>
              </p>
              <p className="truncate">
                {one.customer} <span className="text-muted">{one.summary}</span>
              </p>
            </li>
          ))}
        </ul>
      )}
      {more > 0 && (
        <p className="mt-2 text-muted">{more.toLocaleString()} more: narrow them by the filters.</p>
      )}
    </Drawer>
  );
}
