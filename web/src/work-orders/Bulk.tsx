/** One verb for all that are selected. It goes on by itself; what was refused is said at its end. */

import { useState } from "react";
import type { Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { doToMany } from "@/bulk/bulk";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Menu, MenuItem } from "@/ui/Menu";
import { toast } from "@/ui/toast";
import { PRIORITIES, type WorkOrder } from "./work";

type Params = NonNullable<Schemas["BulkDraft"]["params"]>;

const DONE: Record<string, string> = {
  change: "changed",
  hold: "put on hold",
  release: "taken off hold",
  approve: "approved",
  cancel: "canceled",
};
export function BulkDeeds({ rows, done }: { rows: WorkOrder[]; done: () => void }) {
  const { me } = useMe();
  const keyOf = useKeys();
  const [busy, setBusy] = useState(false);
  const [asks, setAsks] = useState<"hold" | "cancel" | null>(null);
  const [reason, setReason] = useState("");
  const approves = me?.permissions.includes("work-orders:approve") ?? false;
  const mayAll = (verb: string) => rows.some((row) => row.allowed_transitions.includes(verb));
  async function run(action: string, params: Params) {
    setBusy(true);
    try {
      const body = { list: "work-orders", action, ids: rows.map((row) => row.id), params };
      await doToMany(body, {
        key: keyOf(body),
        done: (of) => {
          const what = of.rows_changed === 1 ? "1 work order" : `${of.rows_changed} work orders`;
          const refused = of.rows_refused > 0 ? ` ${of.rows_refused} refused.` : "";
          return `${what} ${DONE[action] ?? "changed"}.${refused}`;
        },
        called: (id) => rows.find((row) => row.id === id)?.number,
        // what has verbs of its own is taken back by them
        undo: action === "change",
      });
      setAsks(null);
      setReason("");
      done();
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: "danger" });
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Menu button={<Button busy={busy}>{busy ? "Working…" : "Priority"}</Button>}>
        {PRIORITIES.map((one) => (
          <MenuItem key={one.value} onSelect={() => void run("change", { priority: one.value })}>
            {one.text}
          </MenuItem>
        ))}
      </Menu>
      {mayAll("hold") && (
        <Button disabled={busy} onClick={() => setAsks("hold")}>
          Hold
        </Button>
      )}
      {mayAll("release") && (
        <Button disabled={busy} onClick={() => void run("release", {})}>
          Release
        </Button>
      )}
      {approves && mayAll("approve") && (
        <Button disabled={busy} onClick={() => void run("approve", {})}>
          Approve
        </Button>
      )}
      {mayAll("cancel") && (
        <Button look="danger" disabled={busy} onClick={() => setAsks("cancel")}>
          Cancel work
        </Button>
      )}
      <Dialog
        open={asks !== null}
        onClose={() => setAsks(null)}
        title={asks === "hold" ? `Hold ${rows.length} work orders` : `Cancel ${rows.length} work orders`}
        about={
          asks === "hold"
            ? "Their visits stay as they are."
            : "Visits that have not begun are canceled with them. Nothing is deleted."
        }
        actions={
          <>
            <Button onClick={() => setAsks(null)}>Keep as they are</Button>
            <Button
              look={asks === "cancel" ? "danger" : "primary"}
              busy={busy}
              disabled={reason.trim() === ""}
              onClick={() => asks && void run(asks, { reason: reason.trim() })}
            >
              {asks === "hold" ? "Hold" : "Cancel work"}
            </Button>
          </>
        }
      >
        <Field
          label="Why"
          value={reason}
          maxLength={200}
          onChange={(event) => setReason(event.target.value)}
        />
      </Dialog>
    </>
  );
}
