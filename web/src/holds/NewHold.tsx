/** Hold a window for a while: which one, where it was not chosen yet, how long, and for whom. It is told to nobody. */

import { useState } from "react";
import { Problem } from "@/api/client";
import { useKeys } from "@/api/keys";
import { told } from "@/call/windows";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { type Did, type Hold, hold, LONG, type Slot, type Sought, USUAL, useOffered } from "./holds";

const NAMES = ["window_start", "window_end", "minutes", "note"];
const GRADES: Record<Slot["grade"], string> = {
  recommended: "recommended",
  available: "available",
  tight: "tight",
};

interface Props {
  /** For whom. */
  whose: string;
  sought: Sought;
  /** The window that was chosen, by the clock of `zone`; null: it is chosen here. */
  chosen: { slot: Pick<Slot, "window_start" | "window_end">; zone: string } | null;
  onHeld: (did: Did<Hold>) => void;
  onClose: () => void;
}

export default function NewHold({ whose, sought, chosen, onHeld, onClose }: Props) {
  const ours = useMe().me?.time_zone ?? "UTC";
  const offered = useOffered(sought);
  const zone = chosen?.zone ?? offered.data?.time_zone ?? ours;
  const slots = offered.data?.slots ?? [];
  const [typed, setTyped] = useState<string | null>(null);
  // whatever was chosen is held, or there is no such window any more
  const which = typed ?? slots[0]?.window_start ?? "";
  const slot = chosen?.slot ?? slots.find((one) => one.window_start === which);
  const keyOf = useKeys();
  const form = useSubmit(NAMES, async (entered) => {
    if (!slot) return;
    const note = String(entered.get("note") ?? "").trim();
    const body = {
      ...sought,
      window_start: slot.window_start,
      window_end: slot.window_end,
      minutes: Number(entered.get("minutes")),
      ...(note ? { note } : {}),
    };
    try {
      onHeld(await hold(body, keyOf(body)));
    } catch (error) {
      if (error instanceof Problem && error.code === "slot_gone") {
        setTyped(null);
        void offered.refetch();
      }
      throw error;
    }
    onClose();
  });
  const when = (one: Pick<Slot, "window_start" | "window_end">) =>
    told(one.window_start, one.window_end, zone, ours);
  const isNothing = !chosen && offered.data !== undefined && slots.length === 0;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Hold a time for ${whose}`}
      about={
        chosen
          ? `${when(chosen.slot)}. It is kept free, and nobody is told.`
          : "It is kept free, and nobody is told."
      }
      actions={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button look="primary" type="submit" form="hold" busy={form.busy} disabled={!slot}>
            Hold it
          </Button>
        </>
      }
    >
      <form id="hold" className="flex flex-col gap-3" {...form.form}>
        {!chosen &&
          (offered.error ? (
            <Failed error={offered.error} again={() => void offered.refetch()} />
          ) : isNothing ? (
            <p className="text-muted">
              <span className="font-medium text-ink">No time can be held.</span>{" "}
              {offered.data.nothing_because ?? "Nobody who can do this has room in the next two weeks."}
            </p>
          ) : (
            <Select
              label="Time"
              autoFocus
              {...(offered.isPending ? { none: "Looking for times…" } : {})}
              choices={slots.map((one) => ({
                value: one.window_start,
                text: [when(one), one.technicians[0]?.name, GRADES[one.grade]].filter(Boolean).join(", "),
              }))}
              value={which}
              error={form.fault("window_start") ?? form.fault("window_end")}
              onChange={(event) => setTyped(event.target.value)}
            />
          ))}
        <Select
          label="How long"
          name="minutes"
          autoFocus={chosen !== null}
          defaultValue={String(USUAL)}
          choices={LONG.map((minutes) => ({ value: String(minutes), text: `${minutes} minutes` }))}
          error={form.fault("minutes")}
        />
        <Field
          label="For whom, and why (optional)"
          name="note"
          maxLength={200}
          autoComplete="off"
          error={form.fault("note")}
        />
        <Wrong>{form.beside}</Wrong>
      </form>
    </Dialog>
  );
}
