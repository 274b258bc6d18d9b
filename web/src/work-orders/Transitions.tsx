/** What may happen next with a work order: the verbs that the server allows whoever looks, each asking for
 * what it needs, and each saying what is in its way. */

import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { api, ask, Problem, seen } from "@/api/client";
import { useKeys } from "@/api/keys";
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
}

export const WORDS: Record<Verb, Words> = {
  ready: { text: "Release to be planned", done: "is ready to be planned", look: "primary" },
  release: { text: "Take off hold", done: "is off hold", look: "primary" },
  complete: {
    text: "Complete",
    done: "is completed",
    look: "primary",
    gate: "work_order.complete",
  },
  approve: { text: "Approve", done: "is approved", look: "primary", gate: "work_order.approve" },
  close: { text: "Close", done: "is closed", look: "primary" },
  reopen: { text: "Reopen", done: "is open again", reason: "It goes back to in progress." },
  hold: { text: "Hold", done: "is on hold", reason: "Its visits stay as they are." },
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

interface Body {
  reason?: string;
  waived?: string;
}

const send = (order: WorkOrder, verb: Verb, version: number, body: Body, key: Record<string, string>) =>
  ask(
    // every verb has an address of its own, and bodies that are this one's or less
    api.POST(
      `/api/v2/work-orders/{id}/${verb}` as "/api/v2/work-orders/{id}/hold",
      {
        params: { path: { id: order.id }, header: seen(version) },
        headers: key,
        body: body as { reason: string },
      } as never,
    ),
  ) as Promise<WorkOrder>;

export function Transitions({ order }: { order: WorkOrder }) {
  const { me } = useMe();
  const know = useKnown();
  const keyOf = useKeys();
  const [verb, setVerb] = useState<Verb | null>(null);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState<Verb | null>(null);
  const [wrong, setWrong] = useState<Error | null>(null);
  const [stale, setStale] = useState<{ current: WorkOrder; again: () => void } | null>(null);
  const waives = me?.permissions.includes("work-orders:approve") ?? false;
  const missing = (of: Verb) => order.missing.filter((one) => one.before === WORDS[of].gate);

  function begin(chosen: Verb) {
    setWrong(null);
    setSaid("");
    if (WORDS[chosen].reason || missing(chosen).length > 0) setVerb(chosen);
    else void run(chosen, {}, order.version);
  }

  async function run(chosen: Verb, body: Body, version: number) {
    setBusy(chosen);
    setWrong(null);
    setStale(null);
    try {
      const now = await send(order, chosen, version, body, keyOf([chosen, version, body]));
      setVerb(null);
      know(now);
      toast({
        text: `${now.number} ${WORDS[chosen].done}.`,
        ...(chosen === "hold"
          ? { undo: async () => know(await send(now, "release", now.version, {}, keyOf([now.version]))) }
          : {}),
      });
    } catch (error) {
      const current = error instanceof Problem && error.status === 412 ? error.body.current : undefined;
      if (current) {
        const fresh = current as WorkOrder;
        setStale({ current: fresh, again: () => void run(chosen, body, fresh.version) });
        setVerb(null);
      } else {
        setWrong(error as Error);
        setVerb(chosen);
      }
    } finally {
      setBusy(null);
    }
  }

  const words = verb && WORDS[verb];
  const gate = verb ? missing(verb) : [];
  const faults = wrong instanceof Problem ? wrong.faults.map((one) => one.detail) : [];
  const needs = words && (words.reason !== undefined || gate.length > 0);
  const blocked = words !== null && gate.length > 0 && !waives;
  return (
    <>
      {verbsOf(order).map((one, place) => (
        <Button
          key={one}
          look={WORDS[one].look === "primary" && place > 0 ? "normal" : (WORDS[one].look ?? "normal")}
          busy={busy === one && verb === null}
          onClick={() => begin(one)}
        >
          {WORDS[one].text}
        </Button>
      ))}
      <Dialog
        open={verb !== null}
        onClose={() => setVerb(null)}
        title={words ? `${words.text}: ${order.number}` : ""}
        about={words?.reason}
        actions={
          <>
            <Button onClick={() => setVerb(null)}>{needs && !blocked ? "Not now" : "Close this"}</Button>
            {words && verb && !blocked && (
              <Button
                look={words.look === "danger" ? "danger" : "primary"}
                busy={busy === verb}
                disabled={Boolean(needs) && said.trim() === ""}
                onClick={() => {
                  const why = said.trim();
                  const body = words.reason ? { reason: why } : why ? { waived: why } : {};
                  void run(verb, body, order.version);
                }}
              >
                {wrong && !needs ? "Try again" : gate.length > 0 ? `${words.text} nevertheless` : words.text}
              </Button>
            )}
          </>
        }
      >
        <div className="flex flex-col gap-3">
          {gate.length > 0 && (
            <div>
              <p className="font-medium">This is missing:</p>
              <Points of={gate.map((one) => one.detail)} />
              {blocked && <p className="mt-2 text-muted">Do these first, or ask whoever may approve work.</p>}
            </div>
          )}
          {wrong && (
            <div role="alert" className="rounded-md bg-danger-wash px-3 py-2 text-danger">
              {faults.length === 0 || faults.every((one) => wrong.message.includes(one)) ? (
                wrong.message
              ) : (
                <>
                  {wrong.message}
                  <Points of={faults} />
                </>
              )}
            </div>
          )}
          {needs && !blocked && (
            <Field
              label={gate.length > 0 ? "Why it goes on nevertheless" : "Why"}
              value={said}
              maxLength={200}
              onChange={(event) => setSaid(event.target.value)}
            />
          )}
        </div>
      </Dialog>
      {stale && (
        <Changed
          before={order}
          current={stale.current}
          nevertheless={stale.current.status === order.status ? stale.again : null}
          onClose={() => {
            know(stale.current);
            setStale(null);
          }}
        />
      )}
    </>
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
