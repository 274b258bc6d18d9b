/** The visits of a work order: when, who, how they stand, and where they are on the board. */

import { CalendarDays, CalendarPlus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { dateIn } from "@/board/clock";
import type { Me } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Pane } from "@/ui/Page";
import { Bar, Later } from "@/ui/Skeleton";
import { Status } from "@/ui/Status";
import { When } from "@/ui/When";
import { between, when } from "@/ui/when";
import { AddVisit } from "./AddVisit";
import { CloseOut } from "./CloseOut";
import { crewOf } from "./crew";
import { VisitDeeds } from "./VisitDeeds";
import { OVER, useVisits, type Visit, type WorkOrder } from "./work";

export function Visits({ order, me }: { order: WorkOrder; me: Me }) {
  const { data, error, refetch } = useVisits(order.id, true);
  const [closing, setClosing] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const books = me.permissions.includes("dispatch:write");
  const open = ![...OVER, "draft", "completed", "approved", "on_hold"].includes(order.status);
  return (
    <Pane
      title={`Visits${data ? ` (${data.length})` : ""}`}
      actions={
        books &&
        open && (
          <>
            <Button look="plain" onClick={() => setAdding(true)}>
              Add a visit
            </Button>
            <Button asChild>
              <Link to={`/call?customer=${order.customer_id}&site=${order.site_id}&work=${order.id}`}>
                <CalendarPlus aria-hidden className="size-3.5" /> Find a time
              </Link>
            </Button>
          </>
        )
      }
    >
      {error && !data ? (
        <Failed error={error} again={() => void refetch()} />
      ) : !data ? (
        <Later>
          <Bar className="w-2/3" />
        </Later>
      ) : data.length === 0 ? (
        <p className="text-muted">
          {order.status === "draft"
            ? "A draft takes no visits yet: release it to be planned."
            : "Nobody has planned a visit yet."}
        </p>
      ) : (
        <ul className="-my-2 divide-y divide-line">
          {data.map((visit) => (
            <Line
              key={visit.id}
              visit={visit}
              zone={me.time_zone}
              may={me.permissions.includes("visits:execute")}
              books={books}
              onClose={() => setClosing(visit.id)}
            />
          ))}
        </ul>
      )}
      {adding && <AddVisit order={order} onClose={() => setAdding(false)} />}
      {closing && <CloseOut visitId={closing} onClose={() => setClosing(null)} />}
    </Pane>
  );
}

function Line({
  visit,
  zone,
  may,
  books,
  onClose,
}: {
  visit: Visit;
  /** The board's, by which its days are counted. */
  zone: string;
  /** May close it out. */
  may: boolean;
  /** May plan it. */
  books: boolean;
  onClose: () => void;
}) {
  const start = visit.planned_start ?? visit.promised_start;
  const crew = crewOf(visit);
  const there = visit.started_at ?? visit.arrived_at;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
      <div className="min-w-0 flex-1 basis-64">
        <p className="tabular flex flex-wrap items-center gap-x-2 font-medium">
          {start ? when(start, visit.time_zone, "day") : "Not planned"}
          {visit.planned_start && visit.planned_end && (
            <span className="whitespace-nowrap">
              {between(visit.planned_start, visit.planned_end, visit.time_zone)}
            </span>
          )}
          <Status status={visit.status} />
        </p>
        <p className="flex flex-wrap gap-x-3 text-muted">
          <span>{crew || "Nobody is assigned"}</span>
          {visit.promised_start && visit.promised_end && (
            <span className="tabular whitespace-nowrap">
              promised {between(visit.promised_start, visit.promised_end, visit.time_zone)}
            </span>
          )}
          {there && visit.finished_at && (
            <span className="tabular whitespace-nowrap">
              there {between(there, visit.finished_at, visit.time_zone)}
            </span>
          )}
          {there && !visit.finished_at && (
            <span className="whitespace-nowrap">
              there since <When at={there} zone={visit.time_zone} shape="time" />
            </span>
          )}
        </p>
        {visit.status_reason && <p className="break-words text-muted">{visit.status_reason}</p>}
        {visit.instructions && <p className="break-words">{visit.instructions}</p>}
      </div>
      {may && visit.allowed_transitions.includes("complete") && <Button onClick={onClose}>Close out</Button>}
      {visit.planned_start && (
        <Button asChild look="plain">
          <Link to={`/board?date=${dateIn(Date.parse(visit.planned_start), zone)}&visit=${visit.id}`}>
            <CalendarDays aria-hidden className="size-3.5" /> On the board
          </Link>
        </Button>
      )}
      {books && <VisitDeeds visit={visit} />}
    </li>
  );
}
