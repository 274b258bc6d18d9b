/** The steps of the work: what is done, by whom and when, and what is still to do. */

import { useQuery } from "@tanstack/react-query";
import { Check, Square, SquareCheck } from "lucide-react";
import { useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { type Me, mayRead } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Pane } from "@/ui/Page";
import { toast } from "@/ui/toast";
import { When } from "@/ui/When";
import { OVER, useKnown, type WorkOrder } from "./work";

type Step = Schemas["ChecklistItemOut"];

export function Checklist({ order, me }: { order: WorkOrder; me: Me }) {
  // who did a step is known by id; names are for those who may see who works here
  const people = useQuery({
    queryKey: ["memberships", "names"],
    staleTime: 300_000,
    enabled: mayRead(me, "members") && order.checklist.some((step) => step.done_by_id !== null),
    queryFn: () => ask(api.GET("/api/v2/memberships", { params: { query: { limit: 200 } } })),
  });
  if (order.checklist.length === 0) return null;
  const named = (id: string | null) =>
    id === me.user.id ? me.user.name : people.data?.data.find((one) => one.id === id)?.name;
  const done = order.checklist.filter((step) => step.done_at !== null).length;
  return (
    <Pane title={`Checklist (${done} of ${order.checklist.length})`}>
      <ul className="-my-1 flex flex-col">
        {order.checklist.map((step) => (
          <Line key={step.id} step={step} by={named(step.done_by_id)} order={order} me={me} />
        ))}
      </ul>
    </Pane>
  );
}

interface LineProps {
  step: Step;
  /** Who did it, where that is known. */
  by: string | undefined;
  order: WorkOrder;
  me: Me;
}

function Line({ step, by, order, me }: LineProps) {
  const know = useKnown();
  const keyOf = useKeys();
  const [answer, setAnswer] = useState("");
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | undefined>();
  const may = me.permissions.includes("visits:execute") && !OVER.includes(order.status);
  const path = { id: order.id, item_id: step.id };

  async function set(done: boolean, body: { answer?: string }) {
    setBusy(true);
    setWrong(undefined);
    const headers = keyOf([step.id, step.version, done, body]);
    try {
      await ask(
        done
          ? api.POST("/api/v2/work-orders/{id}/checklist-items/{item_id}/done", {
              params: { path },
              body,
              headers,
            })
          : api.POST("/api/v2/work-orders/{id}/checklist-items/{item_id}/undo", {
              params: { path },
              body: {},
              headers,
            }),
      );
      setAsks(false);
      know(await ask(api.GET("/api/v2/work-orders/{id}", { params: { path: { id: order.id } } })));
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      if (asks) setWrong(said);
      else toast({ text: said, tone: "danger" });
    } finally {
      setBusy(false);
    }
  }

  const isDone = step.done_at !== null;
  const Sign = isDone ? SquareCheck : Square;
  return (
    <li className="flex flex-wrap items-center gap-x-2 gap-y-1 py-1">
      {may ? (
        <Button
          look="plain"
          role="checkbox"
          aria-checked={isDone}
          aria-label={step.title}
          busy={busy}
          className="w-control shrink-0 px-0!"
          onClick={() => (!isDone && step.kind !== "check" ? setAsks(!asks) : void set(!isDone, {}))}
        >
          <Sign aria-hidden className={isDone ? "size-4 text-accent" : "size-4 text-muted"} />
        </Button>
      ) : (
        <Sign aria-hidden className="size-4 shrink-0 text-muted" />
      )}
      <span className="min-w-0 break-words">
        {step.title}
        {step.required && !isDone && <span className="text-warn"> (required)</span>}
        {step.answer !== null && <span className="tabular font-medium">: {step.answer}</span>}
      </span>
      {step.done_at && (
        <span className="ml-auto text-muted">
          {by && `${by}, `}
          <When at={step.done_at} zone={order.site.time_zone} />
        </span>
      )}
      {asks && (
        <form
          className="flex basis-full items-end gap-2 pl-9"
          onSubmit={(event) => {
            event.preventDefault();
            void set(true, { answer: answer.trim() });
          }}
        >
          <Field
            label={step.kind === "number" ? "Number" : "What was found"}
            className="w-64"
            inputMode={step.kind === "number" ? "decimal" : undefined}
            value={answer}
            error={wrong}
            autoFocus
            maxLength={200}
            onChange={(event) => setAnswer(event.target.value)}
          />
          <Button type="submit" busy={busy} disabled={answer.trim() === ""}>
            <Check aria-hidden className="size-3.5" /> Done
          </Button>
        </form>
      )}
    </li>
  );
}
