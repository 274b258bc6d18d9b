/** What positions say of visits and nobody has confirmed: that somebody seems to have come, or to have left. Whoever
 * may says whether it was so; the visit then moves by its own verb, at the time that was seen. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { api, ask, onceKey, type Schemas } from "@/api/client";
import { queries } from "@/api/queries";
import { verb } from "@/api/verb";
import type { Me } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Later } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import { dateIn, named } from "@/ui/wall";
import { when } from "@/ui/when";
import { recordPath } from "./nav";
import { SUGGESTED } from "./suggesting";

export type Suggestion = Schemas["GeofenceEventOut"];
type Visit = Schemas["VisitOut"];

const MOST = 50;

/** The visits that they are about, by id. */
function useVisits(ids: readonly string[]) {
  return useQuery({
    queryKey: ["visits", "suggested", ids],
    queryFn: ({ signal }) => {
      const filter = JSON.stringify({ field: "id", op: "in", value: ids });
      return ask(api.GET("/api/v2/visits", { params: { query: { filter, limit: MOST } }, signal }));
    },
    placeholderData: keepPreviousData,
    enabled: ids.length > 0,
  });
}

export default function Suggestions({
  me,
  all,
  label,
}: {
  me: Me;
  all: readonly Suggestion[];
  label: string;
}) {
  const asked = useVisits([...new Set(all.map((one) => one.visit_id))].sort());
  const visits = new Map(asked.data?.data.map((visit) => [visit.id, visit]));
  const list = useRef<HTMLUListElement>(null);
  if (all.length === 0) return null;
  // the time is told by the clock at the site, which the visit names
  if (asked.isPending) {
    return (
      <Later>
        <p className="p-3 text-muted">Reading what was seen…</p>
      </Later>
    );
  }
  return (
    <ul ref={list} aria-label={label} tabIndex={-1} className="outline-none">
      {all.map((one) => (
        <li key={one.id} className="border-line border-b last:border-0">
          <One me={me} of={one} visit={visits.get(one.visit_id)} onDone={() => list.current?.focus()} />
        </li>
      ))}
    </ul>
  );
}

interface Props {
  me: Me;
  of: Suggestion;
  visit: Visit | undefined;
  /** Somebody has decided: the buttons are gone soon. */
  onDone: () => void;
}

function One({ me, of, visit, onDone }: Props) {
  const [busy, setBusy] = useState<"accept" | "dismiss" | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const came = of.kind === "arrival";
  const at = timeOf(of.at, visit?.time_zone ?? me.time_zone, me.time_zone);

  async function decide(how: "accept" | "dismiss") {
    setBusy(how);
    setWrong(null);
    try {
      await verb("geofence-events", how, of.id, { key: onceKey() });
      if (how === "accept")
        toast({ text: `${of.technician.name}: ${came ? "on site" : "done"} since ${at}.` });
      onDone();
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(null);
      for (const key of [SUGGESTED, "alerts", "visits", "end-of-day"]) {
        void queries.invalidateQueries({ queryKey: [key] });
      }
    }
  }

  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <div className="min-w-0 flex-1 basis-60">
        <p className="truncate">
          {visit && (
            <Link to={pathOf(visit, me.time_zone)} className="font-medium hover:underline">
              {visit.customer.name}
            </Link>
          )}
          {visit && <span className="text-muted"> {visit.job_type.name}</span>}
        </p>
        <p>
          {of.technician.name} seems to have {came ? "arrived" : "left"} at{" "}
          <span className="tabular whitespace-nowrap">{at}</span>.
        </p>
      </div>
      {me.permissions.includes("visits:execute") && (
        <div className="flex gap-2">
          <Button
            busy={busy === "accept"}
            disabled={busy !== null}
            aria-label={`${came ? "On site" : "Done"} since ${at}: ${of.technician.name}`}
            onClick={() => void decide("accept")}
          >
            {came ? "On site" : "Done"}
          </Button>
          <Button
            look="plain"
            busy={busy === "dismiss"}
            disabled={busy !== null}
            aria-label={`${came ? "Not there" : "Not done"}: ${of.technician.name}`}
            onClick={() => void decide("dismiss")}
          >
            {came ? "Not there" : "Not done"}
          </Button>
        </div>
      )}
      {wrong && (
        <p role="alert" className="basis-full rounded-md bg-danger-wash px-3 py-2 text-danger">
          {wrong}{" "}
          {visit && (
            <Link to={recordPath("work_order", visit.work_order_id) ?? "/"} className="underline">
              Open {visit.work_order.number}
            </Link>
          )}
        </p>
      )}
    </div>
  );
}

/** "10:02 AM", with its day where it is not today, and its clock where that is not ours. */
function timeOf(at: string, zone: string, ours: string): string {
  const today = dateIn(Date.parse(at), zone) === dateIn(Date.now(), zone);
  return `${when(at, zone, today ? "time" : "moment")}${named(Date.parse(at), zone, ours)}`;
}

const pathOf = (visit: Visit, ours: string): string =>
  visit.planned_start
    ? `/board?date=${dateIn(Date.parse(visit.planned_start), ours)}&visit=${visit.id}`
    : `/board?visit=${visit.id}`;
