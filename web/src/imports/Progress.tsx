/** What goes on in the background, how far it is, and a way to stop it. */

import { useMutation } from "@tanstack/react-query";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Wrong } from "@/ui/Wrong";
import { type Import, many, rowsOf, verb } from "./imports";

function told(of: Import): { words: string; done: number; all: number } {
  if (of.status === "undoing") {
    const done = of.changes_undone + of.changes_kept;
    return { words: `${many(done)} of ${many(of.changes)} changes taken back`, done, all: of.changes };
  }
  const what = of.dry_run ? "checked" : "imported";
  return {
    words: `${many(of.rows_read)} of ${rowsOf(of.rows_total)} ${what}`,
    done: of.rows_read,
    all: of.rows_total,
  };
}

const DOING: Record<string, string> = {
  check: "Checking the list",
  run: "Importing",
  undo: "Taking it back",
};

export function Progress({ of }: { of: Import }) {
  const keyOf = useKeys();
  const stop = useMutation({ mutationFn: () => verb(of.id, "cancel", keyOf(["cancel", of.id])) });
  const { words, done, all } = told(of);
  const title = DOING[of.status === "undoing" ? "undo" : of.dry_run ? "check" : "run"] ?? "";
  return (
    <section aria-label={title} className="m-4 max-w-xl rounded-lg border border-line bg-surface p-4">
      <h2 className="font-semibold">{title}</h2>
      <progress
        aria-label={title}
        max={Math.max(all, 1)}
        value={done}
        className="mt-3 h-2 w-full accent-(--accent)"
      />
      <p role="status" className="tabular mt-1">
        {of.status === "queued" ? "It waits for its turn" : words}
        {of.rows_refused > 0 && of.status === "running" && `, ${many(of.rows_refused)} refused`}.
      </p>
      <p className="mt-1 text-muted">You can leave this page: it goes on.</p>
      <Wrong>{stop.error?.message}</Wrong>
      <Button
        className="mt-3"
        busy={stop.isPending || of.cancel_asked}
        onClick={() => stop.mutate()}
        disabled={of.cancel_asked}
      >
        {of.cancel_asked ? "Stopping…" : "Stop"}
      </Button>
    </section>
  );
}
