/** Moving a work order on: each verb asks for what it needs, says what is in its way, and is offered back
 * where a verb leads back. Pages and cards begin it; the layer that asks is theirs to show. */

import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Problem } from "@/api/client";
import { useKeys } from "@/api/keys";
import { type SaidWith, verb as send } from "@/api/verb";
import { useMe } from "@/identity/me";
import { Button, type Look } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { toast } from "@/ui/toast";
import { Changed } from "./Changed";
import { useKnown, type WorkOrder } from "./work";

const VERBS = ["ready", "release", "complete", "approve", "close", "reopen", "hold", "cancel"] as const;
export type Verb = (typeof VERBS)[number];

interface Words {
  /** On its button. */
  text: string;
  done: string;
  look?: Look;
  /** Asks why; what that leads to is said beside it. */
  reason?: string;
  /** Its gate, of what `missing` names. */
  gate?: string;
  /** The verb that takes it back, and why it says it does. */
  back?: { verb: Verb; reason?: string };
}

export const WORDS: Record<Verb, Words> = {
  ready: { text: "Release to be planned", done: "is ready to be planned", look: "primary" },
  release: {
    text: "Take off hold",
    done: "is off hold",
    look: "primary",
    back: { verb: "hold", reason: "Held again" },
  },
  complete: {
    text: "Complete",
    done: "is completed",
    look: "primary",
    gate: "work_order.complete",
    back: { verb: "reopen", reason: "Completed by mistake" },
  },
  approve: { text: "Approve", done: "is approved", look: "primary", gate: "work_order.approve" },
  close: { text: "Close", done: "is closed", look: "primary" },
  reopen: { text: "Reopen", done: "is open again", reason: "It goes back to in progress." },
  hold: {
    text: "Hold",
    done: "is on hold",
    reason: "Its visits stay as they are.",
    back: { verb: "release" },
  },
  cancel: {
    text: "Cancel work",
    done: "is canceled",
    look: "danger",
    reason: "Visits that have not begun are canceled with it. Nothing is deleted.",
  },
};

/** Those that are open to whoever looks, what goes on first. */
export const verbsOf = (order: Pick<WorkOrder, "allowed_transitions">): Verb[] =>
  VERBS.filter((verb) => order.allowed_transitions.includes(verb));

export const missingFor = (order: WorkOrder, verb: Verb) =>
  order.missing.filter((one) => one.before === WORDS[verb].gate);

interface Body {
  reason?: string;
  waived?: string;
}

/** `sent` hears of what goes to the server; what it returns is called when that is over. */
export function useMoving(sent?: (order: WorkOrder, verb: Verb) => () => void) {
  const know = useKnown();
  const keyOf = useKeys();
  const [asked, setAsked] = useState<{ order: WorkOrder; verb: Verb; wrong: Error | null } | null>(null);
  const [busy, setBusy] = useState<Verb | null>(null);
  const [stale, setStale] = useState<{ was: WorkOrder; current: WorkOrder; again: () => void } | null>(null);

  const does = (order: WorkOrder, verb: Verb, body: Body) =>
    send("work-orders", verb, order.id, {
      body: body as SaidWith<"work-orders", "hold">,
      version: order.version,
      key: keyOf([order.id, verb, order.version, body]),
    });

  async function takeBack(now: WorkOrder, { verb, reason }: NonNullable<Words["back"]>, said: string | null) {
    const over = sent?.(now, verb);
    try {
      await know(await does(now, verb, reason ? { reason: said ?? reason } : {}));
    } finally {
      over?.();
    }
  }

  async function run(order: WorkOrder, verb: Verb, body: Body) {
    setBusy(verb);
    setStale(null);
    setAsked((before) => before && { ...before, wrong: null });
    const over = sent?.(order, verb);
    try {
      const now = await does(order, verb, body);
      setAsked(null);
      const { back, done } = WORDS[verb];
      toast({
        text: `${now.number} ${done}.`,
        ...(back && now.allowed_transitions.includes(back.verb)
          ? { undo: () => takeBack(now, back, order.status_reason) }
          : {}),
      });
      await know(now);
    } catch (error) {
      const current = error instanceof Problem && error.status === 412 ? error.body.current : undefined;
      if (current) {
        const fresh = current as WorkOrder;
        setStale({ was: order, current: fresh, again: () => void run(fresh, verb, body) });
        setAsked(null);
      } else {
        setAsked({ order, verb, wrong: error as Error });
      }
    } finally {
      over?.();
      setBusy(null);
    }
  }

  function begin(order: WorkOrder, verb: Verb) {
    if (WORDS[verb].reason || missingFor(order, verb).length > 0) setAsked({ order, verb, wrong: null });
    else void run(order, verb, {});
  }

  const layer = (
    <>
      {asked && (
        <Asking
          key={`${asked.order.id} ${asked.verb}`}
          {...asked}
          busy={busy === asked.verb}
          onClose={() => setAsked(null)}
          onGo={(body) => void run(asked.order, asked.verb, body)}
        />
      )}
      {stale && (
        <Changed
          before={stale.was}
          current={stale.current}
          nevertheless={stale.current.status === stale.was.status ? stale.again : null}
          onClose={() => {
            void know(stale.current);
            setStale(null);
          }}
        />
      )}
    </>
  );
  return { begin, busy: asked ? null : busy, layer };
}

function Asking({
  order,
  verb,
  wrong,
  busy,
  onClose,
  onGo,
}: {
  order: WorkOrder;
  verb: Verb;
  wrong: Error | null;
  busy: boolean;
  onClose: () => void;
  onGo: (body: Body) => void;
}) {
  const { me } = useMe();
  const [said, setSaid] = useState("");
  const words = WORDS[verb];
  const gate = missingFor(order, verb);
  const waives = me?.permissions.includes("work-orders:approve") ?? false;
  const needs = words.reason !== undefined || gate.length > 0;
  const blocked = gate.length > 0 && !waives;
  const why = said.trim();
  const go = () => onGo(words.reason ? { reason: why } : why ? { waived: why } : {});
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${words.text}: ${order.number}`}
      about={words.reason}
      actions={
        <>
          <Button onClick={onClose}>{needs && !blocked ? "Not now" : "Close this"}</Button>
          {!blocked && (
            <Button
              look={words.look === "danger" ? "danger" : "primary"}
              busy={busy}
              disabled={needs && why === ""}
              onClick={go}
            >
              {wrong && !needs ? "Try again" : gate.length > 0 ? `${words.text} nevertheless` : words.text}
            </Button>
          )}
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!blocked && !busy && (!needs || why)) go();
        }}
      >
        {gate.length > 0 && (
          <div>
            <p className="font-medium">This is missing:</p>
            <Points of={gate.map((one) => one.detail)} />
            {blocked && <p className="mt-2 text-muted">Do these first, or ask whoever may approve work.</p>}
          </div>
        )}
        {wrong && <Refusal of={wrong} />}
        {needs && !blocked && (
          <Field
            label={gate.length > 0 ? "Why it goes on nevertheless" : "Why"}
            value={said}
            maxLength={200}
            autoFocus
            onChange={(event) => setSaid(event.target.value)}
          />
        )}
      </form>
    </Dialog>
  );
}

/** What the server refused: its sentence, and the points that the sentence does not name. */
function Refusal({ of }: { of: Error }) {
  const faults = of instanceof Problem ? of.faults.map((one) => one.detail) : [];
  return (
    <div role="alert" className="rounded-md bg-danger-wash px-3 py-2 text-danger">
      {of.message}
      {faults.some((one) => !of.message.includes(one)) && <Points of={faults} />}
    </div>
  );
}

function Points({ of }: { of: string[] }) {
  return (
    <ul className="mt-1 flex flex-col gap-1">
      {of.map((one) => (
        <li key={one} className="flex items-start gap-2">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          {one}
        </li>
      ))}
    </ul>
  );
}
