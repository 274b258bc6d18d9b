/** One more visit for a work order: how long, and what to know. It waits in the tray until it is planned. */

import { useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { api, ask } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Textarea } from "@/ui/Textarea";
import { toast } from "@/ui/toast";
import { useSubmit } from "@/ui/useSubmit";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import type { WorkOrder } from "./work";

export function AddVisit({ order, onClose }: { order: WorkOrder; onClose: () => void }) {
  const id = useId();
  const known = useQueryClient();
  const keyOf = useKeys();
  const sent = useSubmit(["duration_minutes", "instructions"], async (form) => {
    const minutes = String(form.get("duration_minutes") ?? "").trim();
    const instructions = String(form.get("instructions") ?? "").trim();
    const body = {
      work_order_id: order.id,
      promised: false,
      fold: 0 as const,
      ...(minutes ? { duration_minutes: Number(minutes) } : {}),
      ...(instructions ? { instructions } : {}),
    };
    await ask(api.POST("/api/v2/visits", { body, headers: keyOf([body, order.visits.length]) }));
    toast({ text: `${order.number} has another visit. It waits to be planned.` });
    onClose();
    await Promise.all(
      ["work-orders", "visits", "stories"].map((what) => known.invalidateQueries({ queryKey: [what] })),
    );
  });
  const unsaved = useUnsaved(sent.unsaved);
  const close = () => unsaved.leave(onClose);
  return (
    <Dialog
      open
      onClose={close}
      title={`Add a visit to ${order.number}`}
      about="It waits in the board's tray until it is planned. Nobody is promised anything."
      actions={
        <>
          <Button onClick={close}>Not now</Button>
          <Button look="primary" type="submit" form={id} busy={sent.busy}>
            Add it
          </Button>
        </>
      }
    >
      <form id={id} {...sent.form} className="flex flex-col gap-3">
        <Field
          label="Minutes (empty: as long as this kind of work takes)"
          name="duration_minutes"
          type="number"
          min={5}
          max={10_080}
          step={5}
          error={sent.fault("duration_minutes")}
        />
        <Textarea
          label="What whoever comes should know (optional)"
          name="instructions"
          maxLength={10_000}
          error={sent.fault("instructions")}
        />
        <Wrong>{sent.beside}</Wrong>
      </form>
      {unsaved.dialog}
    </Dialog>
  );
}
