/** What was promised, as it is said to the caller and as it can be sent to them. */

import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { dateIn, named } from "@/ui/wall";
import { type Promised, takeBack } from "./promising";
import { spoken } from "./windows";

interface Props {
  promised: Promised;
  organisation: string;
  onUndone: () => void;
  onNext: () => void;
}

export function Done({ promised, organisation, onUndone, onNext }: Props) {
  const { visit, zone, requestId } = promised;
  const [said, setSaid] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const start = visit.promised_start ?? visit.planned_start ?? "";
  const end = visit.promised_end ?? visit.planned_end ?? "";
  const comes = visit.assignments
    .filter((one) => one.status !== "removed" && one.status !== "declined")
    .map((one) => one.name)
    .join(" and ");
  const ours = useMe().me?.time_zone ?? zone;
  const words = `${spoken(start, end, zone)}${named(Date.parse(start), zone, ours)}`;
  const text =
    `${organisation}: we come to ${visit.site.address} on ${words}` +
    `${comes ? `; ${comes} will be there` : ""}. Your reference is ${visit.work_order.number}.`;

  async function undo() {
    setBusy(true);
    try {
      await takeBack(requestId);
      onUndone();
    } catch (error) {
      setSaid((error as Error).message);
    } finally {
      setBusy(false);
    }
  }

  return (
    <section aria-label="Promised" className="rounded-lg border border-line bg-surface p-4">
      <p className="flex items-center gap-2 font-medium text-good">
        <Check aria-hidden size={18} /> Promised
      </p>
      <h2 role="status" className="mt-1 font-semibold text-lg">
        {words}
      </h2>
      <p className="mt-1 text-muted">
        {visit.job_type.name}
        {comes ? `, ${comes}` : ", nobody is assigned yet"} ·{" "}
        <span className="tabular">{visit.work_order.number}</span>
      </p>
      <p className="mt-3 rounded-md bg-sunken p-3">{text}</p>
      {said && (
        <p role="status" className="mt-2 text-muted">
          {said}
        </p>
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        <Button look="primary" autoFocus onClick={onNext}>
          Next call
        </Button>
        <Button
          onClick={() =>
            void navigator.clipboard.writeText(text).then(
              () => setSaid("The text is copied."),
              () => setSaid("The browser did not let us copy. Select the text and copy it."),
            )
          }
        >
          <Copy aria-hidden size={14} /> Copy arrival text
        </Button>
        <Button asChild>
          <Link
            to={`/board?date=${dateIn(Date.parse(visit.planned_start ?? start), ours)}&visit=${visit.id}`}
          >
            Show on the board
          </Link>
        </Button>
        <Button look="plain" busy={busy} onClick={() => void undo()}>
          Undo
        </Button>
      </div>
    </section>
  );
}
