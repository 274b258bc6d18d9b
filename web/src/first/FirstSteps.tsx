/** What is still needed before the first visit can be promised, in the order in which one would do it; each with
 * its one action. What is done is looked up, not ticked off. */

import { Circle, CircleCheck, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import type { Me } from "@/identity/me";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { AddressDialog } from "./AddressDialog";
import { Samples } from "./Samples";
import { type FirstSteps as Done, lookAgain, useFirstSteps } from "./steps";
import { TechnicianDialog } from "./TechnicianDialog";
import { WorkDialog } from "./WorkDialog";

type Layer = "address" | "technician" | "work";

interface Step {
  done: boolean;
  words: string;
  why: string;
  action: ReactNode;
}

/** Which of the steps may be left out. */
const BRING = 3;

const hidden = (me: Me) => `first-steps ${me.org.id}`;

export default function FirstSteps({ me }: { me: Me }) {
  const may = me.permissions.includes("organisation:write");
  const [away, setAway] = useState(() => localStorage.getItem(hidden(me)) !== null);
  const [layer, setLayer] = useState<Layer | null>(null);
  const { data } = useFirstSteps(may && !away);
  if (!may) return null;
  const open = data && !away && Object.values(data).some((one) => !one);

  function close() {
    setLayer(null);
    void lookAgain();
  }

  function dismiss() {
    localStorage.setItem(hidden(me), "dismissed");
    setAway(true);
  }

  return (
    <>
      {open && <List of={data} onOpen={setLayer} onDismiss={dismiss} />}
      <Samples offer={Boolean(open)} />
      {layer === "address" && <AddressDialog onClose={close} />}
      {layer === "technician" && <TechnicianDialog onClose={close} />}
      {layer === "work" && data && <WorkDialog windows={!data.arrival_windows} onClose={close} />}
    </>
  );
}

function List({
  of,
  onOpen,
  onDismiss,
}: {
  of: Done;
  onOpen: (layer: Layer) => void;
  onDismiss: () => void;
}) {
  const done = [of.address, of.technician, of.job_type && of.arrival_windows, of.customer, of.promised];
  // what comes next: bringing customers may be left to the calls
  const next = done.findIndex((one, place) => !one && place !== BRING);
  const look = (place: number) => (place === next ? "primary" : "normal");
  const steps: Step[] = [
    {
      done: done[0] ?? false,
      words: "Say where the company is",
      why: "Days begin there, and it stands on every invoice.",
      action: (
        <Button look={look(0)} onClick={() => onOpen("address")}>
          Address and time zone
        </Button>
      ),
    },
    {
      done: done[1] ?? false,
      words: "Add who goes out",
      why: "A technician with working time has a lane on the board.",
      action: (
        <Button look={look(1)} onClick={() => onOpen("technician")}>
          Add a technician
        </Button>
      ),
    },
    {
      done: done[2] ?? false,
      words: "Say what work you do",
      why: "Its length and the windows you offer make the times one can promise.",
      action: (
        <Button look={look(2)} onClick={() => onOpen("work")}>
          Choose kinds of work
        </Button>
      ),
    },
    {
      done: done[3] ?? false,
      words: "Bring your customers",
      why: "From a spreadsheet or another system; or begin with the first who calls.",
      action: (
        <Button asChild>
          <Link to="/imports/new">Import a list</Link>
        </Button>
      ),
    },
    {
      done: done[4] ?? false,
      words: "Promise the first visit",
      why: "Who calls, where, what, and a time that holds.",
      action: (
        <Button asChild look={look(4)}>
          <Link to="/call">Answer a call</Link>
        </Button>
      ),
    },
  ];
  const left = steps.filter((one) => !one.done).length;
  return (
    <section aria-label="First steps" className="overflow-hidden rounded-lg border border-line bg-surface">
      <header className="flex h-10 items-center gap-3 border-line border-b pr-1 pl-3">
        <h2 className="font-semibold">First steps</h2>
        <span className="tabular text-muted">
          {steps.length - left} of {steps.length} done
        </span>
        <Button
          look="plain"
          className="ml-auto w-control px-0!"
          aria-label="Do not show these"
          onClick={onDismiss}
        >
          <X aria-hidden className="size-4" />
        </Button>
      </header>
      <ol>
        {steps.map((step, place) => (
          <li
            key={step.words}
            className={cx(
              "flex min-h-13 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-3 py-2 last:border-0",
              place === next && "bg-accent-wash",
            )}
          >
            {step.done ? (
              <CircleCheck aria-label="Done" className="size-4 shrink-0 text-good" />
            ) : (
              <Circle aria-label="To do" className="size-4 shrink-0 text-muted" />
            )}
            <div className="min-w-0 flex-1 basis-52">
              <p className={cx("font-medium", step.done && "text-muted")}>{step.words}</p>
              {!step.done && <p className="text-muted">{step.why}</p>}
            </div>
            {!step.done && step.action}
          </li>
        ))}
      </ol>
    </section>
  );
}
