/** A time that is held: for what, how long it still is, and what becomes of it. Booking it asks what promising asks. */

import { useState } from "react";
import type { Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { pageOf } from "@/api/verb";
import { book, type Hold, LONG, useHold, useMinutesLeft } from "@/holds/holds";
import { leftWords } from "@/holds/left";
import { Button } from "@/ui/Button";
import { Combobox, type Option } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Menu, MenuItem } from "@/ui/Menu";
import { useSubmit } from "@/ui/useSubmit";
import * as clock from "./clock";
import { HowAndWhy, howOf } from "./How";
import { letGo, longer, when, wrote } from "./held";
import { stage } from "./holding";
import { keeper } from "./keeper";
import { at } from "./picture";
import { mayOverrule, useOverrulable } from "./refusing";
import { pictured } from "./store";

interface Props {
  id: string;
  /** Whether it is to be booked at once. */
  books?: boolean;
  onClose: () => void;
}

const ENDED: Record<Exclude<Schemas["HoldStatus"], "open">, string> = {
  booked: "It was booked.",
  released: "It was released. Look for a time again.",
  expired: "It has expired. Look for a time again.",
};

export default function HoldLayer({ id, books = false, onClose }: Props) {
  const asked = useHold(id);
  const [booking, setBooking] = useState(books);
  const hold = asked.data;
  if (!hold) {
    return (
      <Dialog open onClose={onClose} title="Held time">
        {asked.error ? (
          <Failed error={asked.error} again={() => void asked.refetch()} />
        ) : (
          <p aria-busy="true" className="text-muted">
            Reading what is held…
          </p>
        )}
      </Dialog>
    );
  }
  if (booking && stage.moves) return <Booking hold={hold} onClose={onClose} />;
  return <Held hold={hold} onBook={() => setBooking(true)} onClose={onClose} />;
}

const about = (hold: Hold): string =>
  [hold.work_order?.number, hold.job_type.name, hold.address].filter(Boolean).join(", ");

/** The status as it is at this moment, though nobody has said yet that it is over. */
function useStatus(hold: Hold): { status: Schemas["HoldStatus"]; left: number } {
  const left = useMinutesLeft(hold.expires_at);
  return { status: hold.status === "open" && left === 0 ? "expired" : hold.status, left };
}

function Held({ hold, onBook, onClose }: { hold: Hold; onBook: () => void; onClose: () => void }) {
  const { status, left } = useStatus(hold);
  const [busy, setBusy] = useState(false);
  const keyOf = useKeys();
  const zone = pictured().meta.time_zone;
  const open = status === "open";

  async function free() {
    setBusy(true);
    if (await letGo(hold)) onClose();
    else setBusy(false);
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={`Held: ${when(hold)}`}
      about={about(hold)}
      actions={
        open &&
        stage.moves && (
          <>
            <Button look="danger" className="mr-auto" busy={busy} onClick={() => void free()}>
              Release
            </Button>
            <Menu align="end" button={<Button>Longer</Button>}>
              {LONG.map((minutes) => (
                <MenuItem
                  key={minutes}
                  onSelect={() => void longer(hold, minutes, keyOf([hold.id, hold.version, minutes]))}
                >
                  {`${minutes} minutes from now on`}
                </MenuItem>
              ))}
            </Menu>
            <Button look="primary" autoFocus onClick={onBook}>
              Book…
            </Button>
          </>
        )
      }
    >
      {status === "open" ? (
        <p role="timer" className="tabular font-semibold">
          {leftWords(left)}
        </p>
      ) : (
        <p role="status" className="font-semibold">
          {ENDED[status]}
        </p>
      )}
      <p className="mt-1">
        The visit would take {clock.span(at(hold.starts_at), at(hold.ends_at), zone)}
        {clock.named(at(hold.starts_at), zone, hold.time_zone)}, with{" "}
        {hold.technicians.map((one) => one.name).join(" and ")}.
      </p>
      {hold.note && <p className="mt-1 whitespace-pre-wrap break-words">{hold.note}</p>}
    </Dialog>
  );
}

const NAMES = ["work_order_id", "told_via", "told_to", "reason"];

function Booking({ hold, onClose }: { hold: Hold; onClose: () => void }) {
  const { status, left } = useStatus(hold);
  const [order, setOrder] = useState<Option | null>(null);
  const keyOf = useKeys();
  const form = useSubmit(NAMES, async (entered) => {
    await send({ ...howOf(entered), ...(order ? { work_order_id: order.id } : {}) });
    onClose();
  });

  /** What this person may overrule is asked of them; raises every other refusal. */
  async function send(body: Schemas["HoldBooking"]): Promise<void> {
    try {
      const { data, requestId } = await book(hold.id, body, keyOf(body));
      keeper()?.again([data.id]);
      wrote(hold, requestId, `Promised ${data.customer.name} ${when(hold)}.`);
    } catch (error) {
      if (!mayOverrule(error)) throw error;
      const codes = [...(body.override?.codes ?? []), error.code] as Schemas["Override"]["codes"];
      useOverrulable.setState({
        asked: {
          customer: about(hold),
          code: error.code,
          detail: error.message,
          again: (reason) => send({ ...body, override: { codes, reason } }),
        },
      });
    }
  }

  const ended = status === "open" ? null : ENDED[status];
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Promise ${when(hold)}`}
      about={`${about(hold)}, with ${hold.technicians.map((one) => one.name).join(" and ")}. ${ended ?? `Held: ${leftWords(left)}.`}`}
      actions={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button
            look="primary"
            type="submit"
            form="book"
            busy={form.busy}
            disabled={ended !== null || (!hold.work_order && !order)}
          >
            Promise it
          </Button>
        </>
      }
    >
      <form id="book" className="grid grid-cols-2 gap-3" {...form.form}>
        {!hold.work_order && (
          <Combobox
            className="col-span-2"
            label="Work order"
            autoFocus
            required
            hint="It was held for a kind of work alone."
            value={order}
            error={form.fault("work_order_id")}
            queryKey={["work-orders", "to-book", hold.site_id]}
            load={(typed, signal) => orders(hold, typed, signal)}
            nothing={() => "No open work order of this site is of this kind."}
            onChange={setOrder}
          />
        )}
        <HowAndWhy form={form} autoFocus={hold.work_order !== null} />
      </form>
    </Dialog>
  );
}

async function orders(hold: Hold, typed: string, signal: AbortSignal): Promise<Option[]> {
  const query = {
    open: true,
    limit: 20,
    job_type_id: hold.job_type.id,
    ...(hold.site_id ? { site_id: hold.site_id } : {}),
  };
  const found = await pageOf("/api/v2/work-orders", query, { signal });
  return found.data
    .map((one) => ({ id: one.id, text: one.number, detail: one.summary ?? one.customer.name }))
    .filter((one) => `${one.text} ${one.detail}`.toLowerCase().includes(typed.toLowerCase()));
}
