/** Work that comes again: a copy of a work order, or a call-back of one that was finished. */

import { useQueryClient } from "@tanstack/react-query";
import { MoreHorizontal } from "lucide-react";
import { useId, useState } from "react";
import { useNavigate } from "react-router";
import { useKeys } from "@/api/keys";
import { verbAndRequest } from "@/api/verb";
import { takeBack } from "@/call/promising";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Menu, MenuItem } from "@/ui/Menu";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { useSubmit } from "@/ui/useSubmit";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import { PRIORITIES, type Priority, pathOf, type WorkOrder } from "./work";

const FINISHED = ["completed", "approved", "closed"];

export function Again({ order }: { order: WorkOrder }) {
  const go = useNavigate();
  const known = useQueryClient();
  const keyOf = useKeys();
  const [busy, setBusy] = useState(false);
  const [calls, setCalls] = useState(false);
  const again = () => known.invalidateQueries({ queryKey: ["work-orders"] });

  async function made(now: WorkOrder, requestId: string, text: string) {
    toast({
      text,
      undo: () =>
        takeBack(requestId)
          .then(() => void go(pathOf(order.id)))
          .then(again),
    });
    void again();
    await go(pathOf(now.id));
  }

  async function copy() {
    setBusy(true);
    try {
      const { data, requestId } = await verbAndRequest("work-orders", "duplicate", order.id, {
        key: keyOf(["duplicate", order.id]),
      });
      await made(data, requestId, `${data.number} is a copy of ${order.number}.`);
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Menu
        align="end"
        button={
          <Button look="plain" busy={busy} aria-label="More with this work order" className="w-control px-0!">
            <MoreHorizontal aria-hidden className="size-4" />
          </Button>
        }
      >
        {FINISHED.includes(order.status) && (
          <MenuItem onSelect={() => setCalls(true)}>Call-back: somebody has to look again…</MenuItem>
        )}
        <MenuItem onSelect={() => void copy()}>Duplicate</MenuItem>
      </Menu>
      {calls && (
        <CallBack
          order={order}
          onClose={() => setCalls(false)}
          onMade={(now, requestId) => made(now, requestId, `${now.number} looks again at ${order.number}.`)}
        />
      )}
    </>
  );
}

function CallBack({
  order,
  onClose,
  onMade,
}: {
  order: WorkOrder;
  onClose: () => void;
  onMade: (now: WorkOrder, requestId: string) => Promise<void>;
}) {
  const id = useId();
  const keyOf = useKeys();
  const sent = useSubmit(["reason", "priority"], async (form) => {
    const body = {
      reason: String(form.get("reason") ?? "").trim(),
      priority: form.get("priority") as Priority,
    };
    const { data, requestId } = await verbAndRequest("work-orders", "call-back", order.id, {
      body,
      key: keyOf([order.id, body]),
    });
    onClose();
    await onMade(data, requestId);
  });
  const unsaved = useUnsaved(sent.unsaved);
  const close = () => unsaved.leave(onClose);
  return (
    <Dialog
      open
      onClose={close}
      title={`Call-back of ${order.number}`}
      about={`A new work order for ${order.customer.name} with a visit in the tray. ${order.number} stays as it is.`}
      actions={
        <>
          <Button onClick={close}>Not now</Button>
          <Button look="primary" type="submit" form={id} busy={sent.busy}>
            Open the call-back
          </Button>
        </>
      }
    >
      <form id={id} {...sent.form} className="flex flex-col gap-3">
        <Field
          label="What is wrong with it"
          name="reason"
          required
          maxLength={200}
          autoFocus
          error={sent.fault("reason")}
        />
        <Select
          label="Priority"
          name="priority"
          defaultValue="high"
          choices={PRIORITIES}
          error={sent.fault("priority")}
        />
        <Wrong>{sent.beside}</Wrong>
      </form>
      {unsaved.dialog}
    </Dialog>
  );
}
