/** A visit that nobody tapped to its end: what became of it, and when. */

import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { between, when } from "@/ui/when";
import { type End, useClosing } from "./closing";
import { crewOf } from "./crew";
import type { Visit } from "./work";

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

/** `visit` may become another while somebody types: what they entered stays, and they are told. */
function Form({ visit, onClose }: { visit: Visit; onClose: () => void }) {
  const zone = visit.time_zone;
  const { ends, end, entered, enter, changed, sent, fault, ...closing } = useClosing(visit, onClose);
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
            disabled={!closing.ready}
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
            onChange={(event) => closing.setEnd(event.target.value as End)}
          />
          {end === "complete" && (
            <>
              <Field
                label="They arrived"
                type="datetime-local"
                value={entered.arrived}
                error={fault("arrived_at")}
                onChange={(event) => enter.arrived(event.target.value)}
              />
              <Field
                label="They began"
                type="datetime-local"
                value={entered.started}
                error={fault("started_at")}
                onChange={(event) => enter.started(event.target.value)}
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
            value={entered.finished}
            error={fault("finished_at") ?? fault("occurred_at")}
            onChange={(event) => enter.finished(event.target.value)}
          />
          {closing.asPlanned && (
            <Button className="self-start" onClick={closing.asPlanned}>
              It went as planned
            </Button>
          )}
          {closing.waiving && (
            <div>
              <p className="font-medium">This is missing:</p>
              <ul className="list-disc pl-5">
                {visit.missing.map((one) => (
                  <li key={one.pointer}>{one.detail}</li>
                ))}
              </ul>
            </div>
          )}
          {(end === "incomplete" || closing.waiving) && (
            <Field
              label={closing.waiving ? "Why it is closed nevertheless" : "What is left to do"}
              value={entered.reason}
              maxLength={200}
              error={fault("reason")}
              onChange={(event) => enter.reason(event.target.value)}
            />
          )}
          {changed && (
            <div role="alert" className="rounded-md bg-danger-wash px-3 py-2">
              <p className="font-medium">Somebody changed this visit meanwhile:</p>
              <ul className="list-disc pl-5">
                {changed.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
              <Button className="mt-2" onClick={closing.look}>
                Go on with what I entered
              </Button>
            </div>
          )}
          {closing.said && (
            <p role="alert" className="rounded-md bg-danger-wash px-3 py-2 text-danger">
              {closing.said}
            </p>
          )}
        </div>
      )}
    </Dialog>
  );
}
