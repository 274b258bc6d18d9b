/** A visit is planned from its work order: who comes and from when, on the clock at the site. What is in the
 * way is said, and what was entered stays. */

import { useState } from "react";
import { Problem } from "@/api/client";
import { pageOf, type SaidWith } from "@/api/verb";
import { Button } from "@/ui/Button";
import { Chosen } from "@/ui/Chosen";
import { Combobox } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { faultAt } from "@/ui/useSubmit";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import { wallOf } from "@/ui/wall";
import type { Deed } from "./VisitDeeds";
import type { Visit } from "./work";

interface Person {
  id: string;
  text: string;
}

/** Technicians whose name has what was typed. */
async function people(typed: string, signal: AbortSignal): Promise<Person[]> {
  const conditions = [
    { field: "active", op: "eq", value: true },
    ...(typed ? [{ field: "name", op: "contains", value: typed }] : []),
  ];
  const filter = JSON.stringify({ and: conditions });
  const page = await pageOf("/api/v2/technicians", { filter, sort: "name", limit: 20 }, { signal });
  return page.data.map((one) => ({ id: one.id, text: one.name }));
}

export function PlanVisit({
  visit,
  does,
  onClose,
}: {
  visit: Visit;
  does: <D extends Deed>(deed: D, body: SaidWith<"visits", D>) => Promise<void>;
  onClose: () => void;
}) {
  const zone = visit.time_zone;
  const planned = visit.planned_start ? wallOf(visit.planned_start, zone) : "";
  const [start, setStart] = useState(
    planned || (visit.promised_start ? wallOf(visit.promised_start, zone) : ""),
  );
  const [who, setWho] = useState<Person[]>(() =>
    visit.assignments
      .filter((one) => one.status !== "declined")
      .map((one) => ({ id: one.technician_id, text: one.name })),
  );
  const entered = JSON.stringify([start, who.map((one) => one.id)]);
  const [begun] = useState(entered);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function go() {
    setBusy(true);
    setError(null);
    const technician_ids = who.map((one) => one.id);
    try {
      if (planned && planned === start) await does("assign", { technician_ids });
      else await does("schedule", { technician_ids, start_local: start, fold: 0 });
      onClose();
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  }

  const unsaved = useUnsaved(entered !== begun && !busy);
  const close = () => unsaved.leave(onClose);
  const atStart = faultAt(error, "start_local") ?? faultAt(error, "start");
  const atWho = faultAt(error, "technician_ids");
  return (
    <Dialog
      open
      onClose={close}
      title={visit.planned_start ? "Another time or other people" : "Plan the visit"}
      about={`${visit.work_order.number}, ${visit.customer.name}: ${visit.duration_minutes} minutes`}
      actions={
        <>
          <Button onClick={close}>Not now</Button>
          <Button look="primary" busy={busy} disabled={!start || who.length === 0} onClick={() => void go()}>
            {visit.planned_start ? "Change the plan" : "Plan it"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field
          label="Begins"
          type="datetime-local"
          hint={`On the clock at the site (${zone.replaceAll("_", " ")}).`}
          value={start}
          error={atStart}
          onChange={(event) => setStart(event.target.value)}
        />
        <Chosen label="Who comes" all={who} onAll={setWho} />
        <Combobox<Person>
          label={who.length > 0 ? "And with them" : "Who comes"}
          value={null}
          error={atWho}
          placeholder="Name of a technician"
          queryKey={["technicians", "to-plan"]}
          load={people}
          onChange={(chosen) =>
            chosen && setWho((all) => [...all.filter((one) => one.id !== chosen.id), chosen])
          }
        />
        {!atStart && !atWho && error ? (
          <Wrong>{error instanceof Problem ? error.message : (error as Error).message}</Wrong>
        ) : null}
      </div>
      {unsaved.dialog}
    </Dialog>
  );
}
