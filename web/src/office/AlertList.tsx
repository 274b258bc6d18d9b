/** Today's alerts, visit by visit: whose it is, who is going there, and what is wrong. What goes wrong stands before
 * what is only not confirmed. */

import { useQuery } from "@tanstack/react-query";
import { Bell } from "lucide-react";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { Later } from "@/ui/Skeleton";
import { Badge, words } from "@/ui/Status";
import { crewOf } from "@/work-orders/crew";
import type { useAlerts } from "./Alerts";
import { recordPath } from "./nav";

type Alert = Schemas["AlertOut"];
type Visit = Schemas["VisitOut"];

const MOST = 200;

/** The alerts of each visit, by its id. */
export type Visits = ReadonlyMap<string, Alert[]>;

/** Visits that go wrong, and those of which only nobody knows whether somebody will be there. */
export function byUrgency(alerts: readonly Alert[]): { urgent: Visits; later: Visits } {
  const all = new Map<string, Alert[]>();
  for (const alert of alerts) all.set(alert.visit_id, [...(all.get(alert.visit_id) ?? []), alert]);
  const mild = (its: Alert[]) => its.every((one) => one.code === "not_confirmed");
  return {
    urgent: new Map([...all].filter(([, its]) => !mild(its))),
    later: new Map([...all].filter(([, its]) => mild(its))),
  };
}

/** The visits that they are about, by id. */
function useVisits(ids: readonly string[]): ReadonlyMap<string, Visit> {
  const asked = useQuery({
    queryKey: ["visits", "alerts", ids],
    queryFn: ({ signal }) => {
      const filter = JSON.stringify({ field: "id", op: "in", value: ids.slice(0, MOST) });
      return ask(api.GET("/api/v2/visits", { params: { query: { filter, limit: MOST } }, signal }));
    },
    enabled: ids.length > 0,
  });
  return new Map(asked.data?.data.map((visit) => [visit.id, visit]));
}

export function AlertList({
  asked,
  label = "Alerts of today",
  of,
}: {
  asked: ReturnType<typeof useAlerts>;
  label?: string;
  /** Some of them; silence: all. */
  of?: Visits;
}) {
  const { urgent, later } = byUrgency(asked.data?.data ?? []);
  const shown = of ?? new Map([...urgent, ...later]);
  const visits = useVisits([...urgent.keys(), ...later.keys()]);
  if (asked.error) {
    return (
      <div role="alert" className="p-3">
        <p>{asked.error.message}</p>
        <Button className="mt-2" onClick={() => void asked.refetch()}>
          Try again
        </Button>
      </div>
    );
  }
  if (!asked.data) {
    return (
      <Later>
        <p className="p-3 text-muted">Reading alerts…</p>
      </Later>
    );
  }
  if (shown.size === 0) {
    return (
      <EmptyState icon={Bell} title="Nothing is about to go wrong.">
        Visits that will be late, windows at risk and visits nobody has confirmed are told here.
      </EmptyState>
    );
  }
  return (
    <ul aria-label={label}>
      {[...shown].map(([id, its]) => (
        <li key={id} className="border-line border-b last:border-0">
          <OfVisit day={asked.data.day} id={id} alerts={its} visit={visits.get(id)} />
        </li>
      ))}
    </ul>
  );
}

function OfVisit({
  day,
  id,
  alerts,
  visit,
}: {
  day: string;
  id: string;
  alerts: readonly Alert[];
  visit: Visit | undefined;
}) {
  const to = recordPath("visit", id) ?? `/board?date=${day}&visit=${id}`;
  const who = visit && crewOf(visit);
  return (
    <Link to={to} className="block px-3 py-2 hover:bg-accent-wash">
      <span className="flex min-w-0 items-baseline gap-2">
        <span className="truncate font-medium">{visit?.customer.name ?? "…"}</span>
        <span className="min-w-0 truncate text-muted">
          {[visit?.job_type.name, who].filter(Boolean).join(", ")}
        </span>
      </span>
      {alerts.map((alert) => (
        <span key={alert.code} className="mt-1 grid grid-cols-[7.5rem_1fr] items-start gap-2">
          <Badge tone={alert.code === "not_confirmed" ? "warn" : "danger"} className="w-fit">
            {words(alert.code)}
          </Badge>
          <span className="text-muted">{alert.detail}</span>
        </span>
      ))}
    </Link>
  );
}
