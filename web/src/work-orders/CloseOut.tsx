/** A visit that nobody tapped to its end: what became of it, and when. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, Problem, seen } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { words } from "@/ui/Status";
import { toast } from "@/ui/toast";
import { instantOf, wallOf } from "@/ui/wall";
import { between, when } from "@/ui/when";
import { crewOf } from "./crew";
import type { Visit } from "./work";

const ENDS = [
  { value: "complete", text: "The work is done", done: "is completed" },
  { value: "incomplete", text: "Not finished: somebody has to come again", done: "ended incomplete" },
  { value: "no-access", text: "The site could not be entered", done: "had no access" },
  { value: "no-show", text: "The customer was not there", done: "found nobody there" },
] as const;
type End = (typeof ENDS)[number]["value"];

export function CloseOut({ visitId, onClose }: { visitId: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["visits", visitId],
    staleTime: 0,
    queryFn: () => ask(api.GET("/api/v2/visits/{id}", { params: { path: { id: visitId } } })),
  });
  if (data) return <Form key={data.id} visit={data} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title="Close out">
      {error && <Failed error={error} again={() => void refetch()} />}
    </Dialog>
  );
}

/** What is another now than when it was looked at, in words. */
function changes(before: Visit, now: Visit): string[] {
  const zone = now.time_zone;
  const said: string[] = [];
  if (now.status !== before.status) said.push(`Its status: ${words(now.status)}`);
  if (now.planned_start !== before.planned_start || now.planned_end !== before.planned_end) {
    const { planned_start: from, planned_end: to } = now;
    said.push(from && to ? `Planned ${between(from, to, zone, "moment")}` : "It is not planned any more");
  }
  if (crewOf(now) !== crewOf(before)) said.push(`Assigned: ${crewOf(now) || "nobody"}`);
  const taps = [
    ["arrived_at", "They arrived"],
    ["started_at", "They began"],
    ["finished_at", "They were done"],
  ] as const;
  for (const [tap, text] of taps) {
    const at = now[tap];
    if (at && at !== before[tap]) said.push(`${text}: ${when(at, zone)}`);
  }
  return said.length > 0 ? said : ["Something that is not shown here"];
}

/** `visit` may become another while somebody types: what they entered stays, and they are told. */
function Form({ visit, onClose }: { visit: Visit; onClose: () => void }) {
  const zone = visit.time_zone;
  const known = useQueryClient();
  const keyOf = useKeys();
  const ends = ENDS.filter((one) => visit.allowed_transitions.includes(one.value));
  const [looked, setLooked] = useState(visit);
  const changed = visit.version !== looked.version;
  const [chosen, setEnd] = useState<End>(ends[0]?.value ?? "complete");
  const end = ends.some((one) => one.value === chosen) ? chosen : (ends[0]?.value ?? "complete");
  const [arrived, setArrived] = useState(visit.arrived_at ? wallOf(visit.arrived_at, zone) : "");
  const [started, setStarted] = useState(visit.started_at ? wallOf(visit.started_at, zone) : "");
  const [finished, setFinished] = useState("");
  const [reason, setReason] = useState("");

  const sent = useMutation({
    mutationFn: () => {
      const at = (wall: string) => (wall ? instantOf(wall, zone) : null);
      const params = { path: { id: visit.id }, header: seen(looked.version) };
      const why = reason.trim();
      if (end === "complete") {
        const body = {
          arrived_at: at(arrived),
          started_at: at(started),
          finished_at: at(finished),
          ...(visit.missing.length > 0 && why ? { waived: why } : {}),
        };
        return ask(
          api.POST("/api/v2/visits/{id}/complete", { params, body, headers: keyOf([looked.version, body]) }),
        );
      }
      const body = { reason: why, ...(finished ? { occurred_at: instantOf(finished, zone) } : {}) };
      const headers = keyOf([looked.version, end, body]);
      if (end === "incomplete") {
        return ask(api.POST("/api/v2/visits/{id}/incomplete", { params, body, headers }));
      }
      const { reason: _, ...when } = body;
      return end === "no-access"
        ? ask(api.POST("/api/v2/visits/{id}/no-access", { params, body: when, headers }))
        : ask(api.POST("/api/v2/visits/{id}/no-show", { params, body: when, headers }));
    },
    onSuccess: () => {
      for (const what of ["work-orders", "visits", "stories", "end-of-day"]) {
        void known.invalidateQueries({ queryKey: [what] });
      }
      toast({
        text: `The visit for ${visit.work_order.number} ${ENDS.find((one) => one.value === end)?.done}.`,
      });
      onClose();
    },
    onError: (error) => {
      if (error instanceof Problem && error.status === 412) {
        void known.invalidateQueries({ queryKey: ["visits", visit.id] });
      }
    },
  });

  const faults = sent.error instanceof Problem ? sent.error.faults : [];
  const fault = (field: string) => faults.find((one) => one.pointer === `/${field}`)?.detail;
  const said =
    sent.error &&
    !changed &&
    !["arrived_at", "started_at", "finished_at", "reason", "occurred_at"].some(fault);
  const look = () => {
    const tapped = (at: string | null) => (before: string) => before || (at ? wallOf(at, zone) : "");
    setArrived(tapped(visit.arrived_at));
    setStarted(tapped(visit.started_at));
    setLooked(visit);
    sent.reset();
  };
  const asPlanned = () => {
    if (!visit.planned_start || !visit.planned_end) return;
    setArrived(wallOf(visit.planned_start, zone));
    setStarted(wallOf(visit.planned_start, zone));
    setFinished(wallOf(visit.planned_end, zone));
  };
  const waiving = end === "complete" && visit.missing.length > 0;
  const ready =
    end === "complete"
      ? arrived !== "" && started !== "" && finished !== ""
      : end === "incomplete"
        ? reason.trim() !== ""
        : true;

  return (
    <Dialog
      open
      onClose={onClose}
      title={`Close out ${visit.work_order.number}`}
      about={`${visit.customer.name}, ${visit.site.address}`}
      actions={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button
            look="primary"
            busy={sent.isPending}
            disabled={!ready || changed || ends.length === 0}
            onClick={() => sent.mutate()}
          >
            Close out
          </Button>
        </>
      }
    >
      {ends.length === 0 ? (
        <p>This visit is closed out already, or your role may not do it.</p>
      ) : (
        <div className="flex flex-col gap-3">
          <p className="text-muted">
            {crewOf(visit) || "Nobody is assigned"}
            {visit.planned_start && visit.planned_end && (
              <span className="tabular">
                {`, planned ${when(visit.planned_start, zone, "day")}, `}
                {between(visit.planned_start, visit.planned_end, zone)}
              </span>
            )}
          </p>
          <Select
            label="What became of it"
            value={end}
            choices={ends}
            onChange={(event) => setEnd(event.target.value as End)}
          />
          {end === "complete" && (
            <>
              <Field
                label="They arrived"
                type="datetime-local"
                value={arrived}
                error={fault("arrived_at")}
                onChange={(event) => setArrived(event.target.value)}
              />
              <Field
                label="They began"
                type="datetime-local"
                value={started}
                error={fault("started_at")}
                onChange={(event) => setStarted(event.target.value)}
              />
            </>
          )}
          <Field
            label={
              end === "complete"
                ? "They were done"
                : end === "no-show"
                  ? "When (optional)"
                  : "They left (optional)"
            }
            type="datetime-local"
            hint={`On the clock at the site (${zone.replaceAll("_", " ")}).`}
            value={finished}
            error={fault("finished_at") ?? fault("occurred_at")}
            onChange={(event) => setFinished(event.target.value)}
          />
          {end === "complete" && visit.planned_start && visit.planned_end && (
            <Button className="self-start" onClick={asPlanned}>
              It went as planned
            </Button>
          )}
          {waiving && (
            <div>
              <p className="font-medium">This is missing:</p>
              <ul className="list-disc pl-5">
                {visit.missing.map((one) => (
                  <li key={one.pointer}>{one.detail}</li>
                ))}
              </ul>
            </div>
          )}
          {(end === "incomplete" || waiving) && (
            <Field
              label={waiving ? "Why it is closed nevertheless" : "What is left to do"}
              value={reason}
              maxLength={200}
              error={fault("reason")}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
          {changed && (
            <div role="alert" className="rounded-md bg-danger-wash px-3 py-2">
              <p className="font-medium">Somebody changed this visit meanwhile:</p>
              <ul className="list-disc pl-5">
                {changes(looked, visit).map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
              <Button className="mt-2" onClick={look}>
                Go on with what I entered
              </Button>
            </div>
          )}
          {said && (
            <p role="alert" className="rounded-md bg-danger-wash px-3 py-2 text-danger">
              {sent.error?.message}
            </p>
          )}
        </div>
      )}
    </Dialog>
  );
}
