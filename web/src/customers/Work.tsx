/** What is under way for a customer or at a site, and what was. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, ask, given } from "@/api/client";
import { day, span } from "@/call/windows";
import { recordPath } from "@/office/nav";
import { Failed } from "@/ui/Failed";
import { Pane } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { Status } from "@/ui/Status";
import { nextVisit } from "@/work-orders/ahead";

const MOST = 50;
const FIRST = 8;

interface Of {
  customer_id?: string;
  site_id?: string;
}

/** The list of work orders, narrowed to it. */
const all = ({ customer_id, site_id }: Of): string =>
  `/work-orders?${new URLSearchParams(given({ customer: customer_id, site: site_id }) as Record<string, string>)}`;

function useWork(of: Of, open: boolean) {
  return useQuery({
    queryKey: ["work-orders", { ...of, open }],
    queryFn: () =>
      ask(
        api.GET("/api/v2/work-orders", {
          params: {
            query: {
              ...given(of),
              open,
              sort: "-created_at",
              include_total: true,
              limit: open ? MOST : FIRST,
            },
          },
        }),
      ),
  });
}

export function Work({ of, open }: { of: Of; open: boolean }) {
  const asked = useWork(of, open);
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const total = asked.data?.total ?? 0;
  const rows = asked.data?.data ?? [];
  return (
    <Pane
      title={
        <>
          {open ? "Upcoming and open work" : "Past work"}{" "}
          {asked.data && <span className="tabular font-normal text-muted">{total}</span>}
        </>
      }
    >
      {asked.isPending && <Skeleton rows={2} label={open ? "Reading open work" : "Reading past work"} />}
      {asked.data && rows.length === 0 && (
        <p className="text-muted">{open ? "Nothing is open." : "Nothing was done yet."}</p>
      )}
      <ul className="-my-2 empty:hidden">
        {rows.map((one) => {
          const visit = open
            ? nextVisit(one.visits)
            : one.visits.find((at) => (at.promised_start ?? at.planned_start) !== null);
          const start = visit?.promised_start ?? visit?.planned_start;
          const end = visit?.promised_end ?? visit?.planned_end;
          const to = recordPath("work_order", one.id);
          return (
            <li
              key={one.id}
              className="flex min-h-9 flex-wrap items-center gap-x-3 border-line border-b py-1 last:border-0"
            >
              {to ? (
                <Link to={to} className="tabular w-20 shrink-0 font-medium hover:underline">
                  {one.number}
                </Link>
              ) : (
                <span className="tabular w-20 shrink-0 font-medium">{one.number}</span>
              )}
              <span className="min-w-0 flex-1 truncate">{one.summary}</span>
              {start && end && (
                <span className="tabular whitespace-nowrap text-muted">
                  {day(start, one.site.time_zone)}, {span(start, end, one.site.time_zone)}
                </span>
              )}
              <Status status={one.status} />
            </li>
          );
        })}
      </ul>
      {total > rows.length && (
        <p className="mt-2 text-muted">
          The {rows.length} newest of <span className="tabular">{total}</span>.{" "}
          <Link to={all(of)} className="inline-block py-0.5 text-accent hover:underline">
            All work {of.site_id ? "here" : "of theirs"}
          </Link>
        </p>
      )}
    </Pane>
  );
}
