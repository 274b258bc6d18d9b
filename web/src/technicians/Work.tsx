/** Where a technician goes: the visits to come, and those they made last. */

import { useQuery } from "@tanstack/react-query";
import { CalendarDays, Printer } from "lucide-react";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { dateIn } from "@/board/clock";
import { useMe } from "@/identity/me";
import { recordPath } from "@/office/nav";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Pane } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { Status } from "@/ui/Status";
import { between, when } from "@/ui/when";
import { showSheets } from "./daySheet";
import { today } from "./days";
import type { Technician } from "./technicians";

type Visit = Schemas["VisitOut"];

/** Of each kind; of more it is said how many there are. */
const MOST = 6;

const TO_COME = {
  heading: "To come",
  none: "Nothing is planned for them.",
  sort: "planned_start",
  most: "The next",
  status: ["tentative", "unscheduled", "scheduled", "dispatched", "en_route", "on_site", "working", "paused"],
};
const LAST = {
  heading: "Last visits",
  none: "They have made no visit yet.",
  sort: "-planned_start",
  most: "The last",
  status: ["completed", "incomplete", "no_access", "no_show"],
};

export function Work({ technician }: { technician: Technician }) {
  const day = today(technician.time_zone);
  return (
    <Pane
      title="Visits"
      actions={
        <Button title="Today on paper" onClick={() => void showSheets(day, technician.id)}>
          <Printer aria-hidden className="size-3.5" /> Day sheet
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Some of={TO_COME} technician={technician} />
        <Some of={LAST} technician={technician} />
      </div>
    </Pane>
  );
}

function Some({ of, technician: { id } }: { of: typeof TO_COME; technician: Technician }) {
  const { me } = useMe();
  const asked = useQuery({
    queryKey: ["visits", { technicianId: id, sort: of.sort }],
    queryFn: ({ signal }) => {
      const filter = JSON.stringify({ field: "status", op: "in", value: of.status });
      const query = { technician_id: id, filter, sort: of.sort, limit: MOST, include_total: true };
      return ask(api.GET("/api/v2/visits", { params: { query }, signal }));
    },
  });
  const rows = asked.data?.data ?? [];
  const total = asked.data?.total ?? 0;
  return (
    <section aria-label={of.heading}>
      <h3 className="font-medium text-muted">{of.heading}</h3>
      {asked.error && !asked.data && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.isPending && <Skeleton rows={2} label={`Reading ${of.heading.toLowerCase()}`} />}
      {asked.data && rows.length === 0 && <p className="text-muted">{of.none}</p>}
      <ul className="divide-y divide-line empty:hidden">
        {rows.map((visit) => (
          <Line key={visit.id} visit={visit} zone={me?.time_zone ?? visit.time_zone} />
        ))}
      </ul>
      {total > rows.length && (
        <p className="tabular text-muted">
          {of.most} {rows.length} of {total}.
        </p>
      )}
    </section>
  );
}

/** `zone` is the board's, by which its days are counted. */
function Line({ visit, zone }: { visit: Visit; zone: string }) {
  const to = recordPath("work_order", visit.work_order_id);
  const { planned_start: start, planned_end: end } = visit;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="tabular flex flex-wrap items-center gap-x-2">
          <span className="whitespace-nowrap">
            {start ? when(start, visit.time_zone, "day") : "Not planned"}
          </span>
          {start && end && <span className="whitespace-nowrap">{between(start, end, visit.time_zone)}</span>}
          <Status status={visit.status} />
        </p>
        <p className="flex flex-wrap items-baseline gap-x-2">
          {to && (
            <Link
              to={to}
              className="tabular inline-block whitespace-nowrap py-0.5 font-medium hover:underline"
            >
              {visit.work_order.number}
            </Link>
          )}
          <span className="min-w-0 break-words">{visit.customer.name}</span>
          <span className="min-w-0 break-words text-muted">{visit.job_type.name}</span>
        </p>
      </div>
      {start && (
        <Button asChild look="plain">
          <Link to={`/board?date=${dateIn(Date.parse(start), zone)}&visit=${visit.id}`}>
            <CalendarDays aria-hidden className="size-3.5" /> On the board
          </Link>
        </Button>
      )}
    </li>
  );
}
