/** A customer was told how it stands: a window that was only written down, or that nobody comes. */

import { useEffect } from "react";
import { create } from "zustand";
import { api, askAll } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { How, howOf } from "./How";
import { wrote } from "./promising";
import { useBoard } from "./store";
import { nowWords, type ToTellRow } from "./telling";
import { VIA } from "./words";

const useTold = create<{ row: ToTellRow | null }>()(() => ({ row: null }));

/** Ask how they were told. */
export const wasTold = (row: ToTellRow): void => useTold.setState({ row });

export function Told() {
  const row = useTold((one) => one.row);
  const zone = useBoard((shown) => shown.picture?.meta.time_zone);
  useEffect(() => () => useTold.setState({ row: null }), []);
  if (!row || !zone) return null;
  return <Asked key={row.visit_id} row={row} board={zone} onClose={() => useTold.setState({ row: null })} />;
}

function Asked({ row, board, onClose }: { row: ToTellRow; board: string; onClose: () => void }) {
  const keyOf = useKeys();
  const form = useSubmit(["told_via", "told_to"], async (entered) => {
    const body = { visit_id: row.visit_id, ...howOf(entered) };
    const { data, response } = await askAll(
      api.POST("/api/v2/customers-to-tell", { body, headers: keyOf(body) }),
    );
    wrote(response, data, `${row.customer} was told ${VIA[body.told_via]}.`);
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${row.customer} was told`}
      about={`${row.work_order_number}: ${nowWords(row, board)}.`}
      actions={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button look="primary" type="submit" form="told" busy={form.busy}>
            They know
          </Button>
        </>
      }
    >
      <form id="told" className="grid grid-cols-2 gap-3" {...form.form}>
        <How autoFocus fault={form.fault} />
        {form.beside && (
          <div className="col-span-2">
            <Wrong>{form.beside}</Wrong>
          </div>
        )}
      </form>
    </Dialog>
  );
}
