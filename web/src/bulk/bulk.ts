/** One verb for many records: asked for, followed until it is over, said, and taken back. */

import { api, ask, onceKey, type Schemas } from "@/api/client";
import { queries } from "@/api/queries";
import { toast } from "@/ui/toast";

type Bulk = Schemas["BulkOut"];

const UNDER_WAY = new Set(["queued", "running", "undoing"]);
const PAUSE = 300;

async function over(asked: Bulk, onProgress?: (done: number, of: number) => void): Promise<Bulk> {
  let now = asked;
  while (UNDER_WAY.has(now.status)) {
    onProgress?.(now.rows_done, now.rows);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    now = await ask(api.GET("/api/v2/bulk/{id}", { params: { path: { id: asked.id } } }));
  }
  return now;
}

/** "12 changed, 1 as they were, 2 refused". */
export function outcome(of: Pick<Bulk, "rows_changed" | "rows_unchanged" | "rows_refused">): string {
  const said = [`${of.rows_changed} changed`];
  if (of.rows_unchanged) said.push(`${of.rows_unchanged} as they were`);
  if (of.rows_refused) said.push(`${of.rows_refused} refused`);
  return `${said.join(", ")}.`;
}

interface Said {
  onProgress?: (done: number, of: number) => void;
  /** One key for one intention (`useKeys`); silence: this is another one each time. */
  key?: { "Idempotency-Key": string };
  /** What was done, in words; silence: how many rows changed. */
  done?: (of: Bulk) => string;
  /** What a refused record is called. */
  called?: (id: string) => string | undefined;
  /** False: what this does is not offered back. */
  undo?: boolean;
}

const REFUSALS = 3;

/** Do it; the toast at the end offers to take it back. Raises what the server refused. */
export async function doToMany(body: Schemas["BulkDraft"], said: Said = {}): Promise<void> {
  const headers = said.key ?? onceKey();
  const done = await over(await ask(api.POST("/api/v2/bulk", { body, headers })), said.onProgress);
  const again = () => queries.invalidateQueries({ queryKey: [body.list] });
  await again();
  if (done.status === "failed") throw new Error(done.failure ?? "It did not work.");
  const refused = done.rows_refused > 0 ? ` ${await why(done.id, said.called)}` : "";
  toast({
    text: (said.done ?? outcome)(done) + refused,
    ...(done.rows_refused > 0 ? { tone: "danger" as const } : {}),
    ...(done.rows_changed > 0 && said.undo !== false
      ? {
          undo: async () => {
            const params = { path: { id: done.id } };
            await over(await ask(api.POST("/api/v2/bulk/{id}/undo", { params })));
            await again();
          },
        }
      : {}),
  });
}

/** The first refusals, each in its words. */
async function why(id: string, called?: Said["called"]): Promise<string> {
  const query = { outcome: "refused" as const, limit: called ? REFUSALS : 1 };
  const rows = await ask(api.GET("/api/v2/bulk/{id}/rows", { params: { path: { id }, query } }));
  return rows.data
    .map((one) => {
      const name = called?.(one.record_id);
      const reason = one.reason ?? one.code ?? "refused";
      return name ? `${name}: ${reason}` : reason;
    })
    .join(" ");
}
