/** One verb for all that are selected. It goes on by itself; what was refused is said at its end. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Menu, MenuItem } from "@/ui/Menu";
import { toast } from "@/ui/toast";
import { PRIORITIES, type WorkOrder } from "./work";

type Bulk = Schemas["BulkOut"];
type Params = NonNullable<Schemas["BulkDraft"]["params"]>;

const DONE: Record<string, string> = {
  change: "changed",
  hold: "put on hold",
  release: "taken off hold",
  approve: "approved",
  cancel: "canceled",
};
const GOING = ["queued", "running", "undoing"];
const PAUSE = 400;

async function finished(id: string): Promise<Bulk> {
  for (;;) {
    const now = await ask(api.GET("/api/v2/bulk/{id}", { params: { path: { id } } }));
    if (!GOING.includes(now.status)) return now;
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}

/** The first refusals, each in its words. */
async function refusals(bulk: Bulk, rows: WorkOrder[]): Promise<string> {
  const page = await ask(
    api.GET("/api/v2/bulk/{id}/rows", {
      params: { path: { id: bulk.id }, query: { outcome: "refused", limit: 3 } },
    }),
  );
  return page.data
    .map((one) => {
      const number = rows.find((row) => row.id === one.record_id)?.number ?? "One";
      return `${number}: ${one.reason ?? one.code ?? "refused"}`;
    })
    .join(" ");
}

export function BulkDeeds({ rows, done }: { rows: WorkOrder[]; done: () => void }) {
  const { me } = useMe();
  const known = useQueryClient();
  const keyOf = useKeys();
  const [busy, setBusy] = useState(false);
  const [asks, setAsks] = useState<"hold" | "cancel" | null>(null);
  const [reason, setReason] = useState("");
  const approves = me?.permissions.includes("work-orders:approve") ?? false;
  const mayAll = (verb: string) => rows.some((row) => row.allowed_transitions.includes(verb));
  const again = () => known.invalidateQueries({ queryKey: ["work-orders"] });

  async function run(action: string, params: Params) {
    setBusy(true);
    try {
      const body = { list: "work-orders", action, ids: rows.map((row) => row.id), params };
      const begun = await ask(api.POST("/api/v2/bulk", { body, headers: keyOf(body) }));
      setAsks(null);
      setReason("");
      const over = await finished(begun.id);
      await again();
      const refused = over.rows_refused > 0 ? await refusals(over, rows) : "";
      const what = over.rows_changed === 1 ? "1 work order" : `${over.rows_changed} work orders`;
      toast({
        text: [
          `${what} ${DONE[action] ?? "changed"}.`,
          over.rows_refused > 0 && `${over.rows_refused} refused. ${refused}`,
          over.failure,
        ]
          .filter(Boolean)
          .join(" "),
        ...(over.rows_refused > 0 || over.failure ? { tone: "danger" as const } : {}),
        ...(action === "change" && over.rows_changed > 0
          ? {
              undo: async () => {
                await ask(
                  api.POST("/api/v2/bulk/{id}/undo", {
                    params: { path: { id: over.id } },
                    headers: keyOf(`undo ${over.id}`),
                  } as never),
                );
                await finished(over.id);
                await again();
              },
            }
          : {}),
      });
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
