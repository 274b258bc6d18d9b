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

/** Do it; the toast at the end offers to take it back. Raises what the server refused. */
export async function doToMany(
  body: Schemas["BulkDraft"],
  onProgress?: (done: number, of: number) => void,
): Promise<void> {
  const done = await over(await ask(api.POST("/api/v2/bulk", { body, headers: onceKey() })), onProgress);
  const again = () => queries.invalidateQueries({ queryKey: [body.list] });
  await again();
  if (done.status === "failed") throw new Error(done.failure ?? "It did not work.");
  const refused = done.rows_refused > 0 ? await why(done.id) : "";
  toast({
    text: outcome(done) + refused,
    ...(done.rows_refused > 0 ? { tone: "danger" as const } : {}),
    ...(done.rows_changed > 0
      ? {
          undo: async () => {
            const params = { params: { path: { id: done.id } } };
            await over(await ask(api.POST("/api/v2/bulk/{id}/undo", params)));
            await again();
          },
        }
      : {}),
  });
}

async function why(id: string): Promise<string> {
  const rows = await ask(
    api.GET("/api/v2/bulk/{id}/rows", { params: { path: { id }, query: { outcome: "refused", limit: 1 } } }),
  );
  const reason = rows.data[0]?.reason;
  return reason ? ` ${reason}` : "";
}
