/** A list that was checked: what would become of it, what is wrong, and the way to mend it or to run it. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleCheck, Download } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { api, ask, Problem } from "@/api/client";
import { useKeys } from "@/api/keys";
import { queries } from "@/api/queries";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { save } from "@/ui/save";
import { Tabs } from "@/ui/Tabs";
import { Wrong } from "@/ui/Wrong";
import { Desk } from "./desk";
import { check, type Import, importPath, many, refused, rowsOf, useTaken, verb, type Why } from "./imports";
import { Mending } from "./Mending";
import { Numbers } from "./Numbers";

/** How many rows are worth a look for one reason, or wait to be checked again. */
export function useCount(of: Import, what: Why | "unchecked") {
  return useQuery({
    queryKey: ["imports", of.id, "unchecked", what],
    queryFn: () => {
      const filter = JSON.stringify({ field: "unchecked", op: "eq", value: true });
      const query = { limit: 1, include_total: true, ...(what === "unchecked" ? { filter } : { why: what }) };
      return ask(api.GET("/api/v2/imports/{id}/mending", { params: { path: { id: of.id }, query } })).then(
        (page) => page.total ?? 0,
      );
    },
  });
}

const WHYS: readonly { key: Why; text: string; none?: string }[] = [
  { key: "refused", text: "Errors" },
  { key: "resembles", text: "Look alike", none: "No row resembles anybody." },
  { key: "changed", text: "Changed here", none: "Nothing was changed here." },
];

/** What it means that no row is refused: that all is well only when each was looked at as it stands. */
export function noError(of: Pick<Import, "status" | "rows_read" | "rows_total">, unchecked?: number): string {
  if (of.status !== "completed") {
    return of.rows_read
      ? `No error in the ${rowsOf(of.rows_read)} that were checked, of ${many(of.rows_total)}.`
      : "No row was checked.";
  }
  if (unchecked === 0) return "Every row is in order.";
  return unchecked
    ? `No other error. ${rowsOf(unchecked)} ${unchecked === 1 ? "waits" : "wait"} to be checked again.`
    : "No error was found.";
}

export function Review({ of, onColumns }: { of: Import; onColumns: () => void }) {
  const go = useNavigate();
  const keyOf = useKeys();
  const [address, setAddress] = useSearchParams();
  const taken = useTaken(of);
  const waiting = useCount(of, "unchecked");
  /** Unknown until it was read: nothing is offered before. */
  const unchecked = waiting.data;
  const counts: Record<Why, number | undefined> = {
    refused: useCount(of, "refused").data,
    resembles: useCount(of, "resembles").data,
    changed: useCount(of, "changed").data,
  };
  const [desk] = useState(() => new Desk());
  const fits = of.rows_created + of.rows_updated + of.rows_unchanged;
  const open = taken.data === null && of.file_removed_at === null;
  const why = WHYS.find((one) => one.key === address.get("why"))?.key ?? "refused";

  // the click that asks for these has left a cell: what stood in it goes first
  const checking = useMutation({
    mutationFn: async (rows: "all" | "changed") => {
      await desk.settled();
      return check(of.id, { rows }, keyOf([of.id, of.version, rows]));
    },
  });
  const running = useMutation({
    mutationFn: async () => {
      await desk.settled();
      return verb(of.id, "run", keyOf(["run", of.id, of.version]));
    },
    onSuccess: (made) => {
      queries.setQueryData(["imports", of.id, "taken"], made);
      return go(importPath(made.id));
    },
    onError: (error) => {
      if (error instanceof Problem && error.body.code === "was_run") void taken.refetch();
    },
  });
  const leaving = useMutation({ mutationFn: () => desk.settled(), onSuccess: onColumns });
  const saving = useMutation({
    mutationFn: async () => save(await refused(of.id), `refused ${of.filename.replace(/\.\w+$/, "")}.csv`),
  });
  const complete = of.status === "completed";
  const inOrder = complete && unchecked === 0;

  return (
    <>
      <section
        aria-label="What would become of it"
        className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-line border-b bg-surface px-4 py-2"
      >
        <Numbers of={of} />
        <div className="ml-auto flex flex-wrap items-center gap-2">
          {of.rows_refused > 0 && of.file_removed_at === null && (
            <Button busy={saving.isPending} onClick={() => saving.mutate()}>
              <Download aria-hidden className="size-3.5" /> Download what is wrong
            </Button>
          )}
          {open && <Button onClick={() => leaving.mutate()}>Columns</Button>}
          {open && unchecked !== undefined && (unchecked > 0 || !complete) && (
            <Button
              look={unchecked > 0 ? "primary" : "normal"}
              busy={checking.isPending}
              onClick={() => checking.mutate(complete ? "changed" : "all")}
            >
              {unchecked > 0 && complete ? `Check ${rowsOf(unchecked)} again` : "Check the list again"}
            </Button>
          )}
          {open && waiting.error && unchecked === undefined && (
            <Button onClick={() => void waiting.refetch()}>Count again</Button>
          )}
          {open && inOrder && (
            <Button
              look="primary"
              busy={running.isPending}
              disabled={fits === 0}
              onClick={() => running.mutate()}
            >
              Import {rowsOf(fits)}
            </Button>
          )}
        </div>
        {taken.data && (
          <p className="w-full">
            This list was taken.{" "}
            <Link className="text-accent underline" to={importPath(taken.data.id)}>
              See what became of it
            </Link>
          </p>
        )}
        {of.file_removed_at && <p className="w-full text-muted">The file is not kept any more.</p>}
        {!complete && <p className="w-full text-danger">{of.failure ?? "The check was stopped."}</p>}
        <Wrong>
          {[checking, running, leaving, saving, taken, waiting].find((one) => one.error)?.error?.message}
        </Wrong>
      </section>
      {of.rows_total === 0 ? (
        <EmptyState title="There are no rows in this file.">
          It has headings, and nothing under them. Send the list again.
        </EmptyState>
      ) : (
        <Tabs
          label="Rows worth a look"
          at={why}
          onChange={(key) => setAddress(key === "refused" ? {} : { why: key }, { replace: true })}
          tabs={WHYS.map(({ key, text, none }) => ({
            key,
            text,
            count: counts[key],
            content:
              counts[key] === 0 ? (
                <EmptyState
                  {...(none || inOrder ? { icon: CircleCheck } : {})}
                  title={none ?? noError(of, unchecked)}
                >
                  {key === "refused" && fits > 0 && inOrder
                    ? `${many(fits)} of ${rowsOf(of.rows_total)} can be imported.`
                    : ""}
                </EmptyState>
              ) : (
                <Mending key={key} of={of} why={key} open={open} desk={desk} />
              ),
          }))}
        />
      )}
    </>
  );
}
