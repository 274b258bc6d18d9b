/** What was done on a piece of equipment, the newest first. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { told } from "@/call/windows";
import { useMe } from "@/identity/me";
import { recordPath } from "@/office/nav";
import { Failed } from "@/ui/Failed";
import { Pane } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { Status } from "@/ui/Status";
import { crewOf } from "@/work-orders/crew";

export function Serviced({ id }: { id: string }) {
  const { me } = useMe();
  const asked = useQuery({
    queryKey: ["equipment", id, "serviced"],
    queryFn: () =>
      ask(
        api.GET("/api/v2/equipment/{id}/service-history", { params: { path: { id }, query: { limit: 30 } } }),
      ).then((page) => page.data),
  });
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  return (
    <Pane title="Service history">
      {asked.isPending && <Skeleton rows={2} label="Reading the service history" />}
      {asked.data?.length === 0 && <p className="text-muted">Nothing was done to it yet.</p>}
      <ul className="-my-2 empty:hidden">
        {asked.data?.map((visit) => {
          const start = visit.started_at ?? visit.planned_start;
          const end = visit.finished_at ?? visit.planned_end;
          const to = recordPath("work_order", visit.work_order_id);
          return (
            <li
              key={visit.id}
              className="flex min-h-9 flex-wrap items-center gap-x-3 border-line border-b py-1 last:border-0"
            >
              {to ? (
                <Link to={to} className="inline-block py-0.5 font-medium hover:underline">
                  {visit.job_type.name}
                </Link>
              ) : (
                <span className="font-medium">{visit.job_type.name}</span>
              )}
              <span className="text-muted">{crewOf(visit)}</span>
              {start && end && (
                <span className="tabular ml-auto whitespace-nowrap text-muted">
                  {told(start, end, visit.time_zone, me?.time_zone ?? visit.time_zone)}
                </span>
              )}
              <Status status={visit.status} />
            </li>
          );
        })}
      </ul>
    </Pane>
  );
}
