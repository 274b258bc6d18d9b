/** A list that was taken: what it made, with the way to each record, what was refused, and taking it back. */

import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Download, Undo2 } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Dialog } from "@/ui/Dialog";
import { EmptyState } from "@/ui/EmptyState";
import { Failed } from "@/ui/Failed";
import { More } from "@/ui/More";
import { phone } from "@/ui/phone";
import { Skeleton } from "@/ui/Skeleton";
import { words } from "@/ui/Status";
import { save } from "@/ui/save";
import { Wrong } from "@/ui/Wrong";
import { type Import, importPath, kindText, madePath, many, refused, verb } from "./imports";
import { Numbers } from "./Numbers";

const PAGE = 100;

export function Result({ of }: { of: Import }) {
  const keyOf = useKeys();
  const [asking, setAsking] = useState(false);
  const kind = kindText(of.kind).toLowerCase();
  const saving = useMutation({
    mutationFn: async () => save(await refused(of.id), `refused ${of.filename.replace(/\.\w+$/, "")}.csv`),
  });
  const undoing = useMutation({
    mutationFn: () => verb(of.id, "undo", keyOf(["undo", of.id, of.version])),
    onSuccess: () => setAsking(false),
  });
  const goingOn = useMutation({ mutationFn: () => verb(of.id, "run", keyOf(["run", of.id, of.version])) });
  const stopped = of.status === "canceled" || of.status === "failed";
  const undone = of.status === "undone";
  const kept = of.file_removed_at === null;
  return (
    <>
      <section
        aria-label="What became of it"
        className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-line border-b bg-surface px-4 py-2"
      >
        <Numbers of={of} />
        <div className="ml-auto flex flex-wrap items-center gap-2">
          {of.rows_refused > 0 && kept && (
            <Button busy={saving.isPending} onClick={() => saving.mutate()}>
              <Download aria-hidden className="size-3.5" /> Download what is wrong
            </Button>
          )}
          {!undone && kept && of.changes > 0 && (
            <Button onClick={() => setAsking(true)}>
              <Undo2 aria-hidden className="size-3.5" /> Take it back…
            </Button>
          )}
          {stopped && kept && of.changes_undone + of.changes_kept === 0 && (
            <Button busy={goingOn.isPending} onClick={() => goingOn.mutate()}>
              Go on
            </Button>
          )}
          {of.kind !== "contacts" && of.rows_created + of.rows_updated > 0 && !undone && (
            <Button asChild look="primary">
              <Link to={`/${of.kind.replace("_", "-")}`}>See all {kind}</Link>
            </Button>
          )}
        </div>
        {of.status === "failed" && <p className="w-full text-danger">{of.failure}</p>}
        {of.status === "canceled" && (
          <p className="w-full">
            It was stopped after row {many(of.rows_read)} of {many(of.rows_total)}. What was taken stays.
          </p>
        )}
        {of.changes_undone + of.changes_kept > 0 && (
          <p className="w-full">
            {many(of.changes_undone)} changes were taken back, {many(of.changes_kept)} were kept.
          </p>
        )}
        {of.file_of_id && of.rows_refused > 0 && (
          <p className="w-full text-muted">
            Rows with errors were not taken.{" "}
            <Link className="text-accent underline" to={importPath(of.file_of_id)}>
              What was wrong with them
            </Link>
          </p>
        )}
        <Wrong>{saving.error?.message ?? goingOn.error?.message}</Wrong>
      </section>
      {of.changes_kept > 0 ? <Kept of={of} /> : <Made of={of} />}
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Take this list back?"
        about="What it made is removed and what it changed is put back. Records that somebody has changed or used since are kept, and named."
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Cancel</Button>
            <Button look="danger" busy={undoing.isPending} onClick={() => undoing.mutate()}>
              Take it back
            </Button>
          </>
        }
      >
        <Wrong>{undoing.error?.message}</Wrong>
      </Dialog>
    </>
  );
}

const SAID = 4;

const inWords = ([field, value]: [string, unknown]) =>
  field.endsWith("phone") ? phone(String(value)) : String(value);

function Made({ of }: { of: Import }) {
  const asked = useInfiniteQuery({
    queryKey: ["imports", of.id, "rows"],
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/v2/imports/{id}/rows", {
          params: {
            path: { id: of.id },
            query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
  if (asked.error && !asked.data) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton rows={18} label="Reading what became of the rows" />;
  const rows = asked.data.pages.flatMap((page) => page.data);
  if (!rows.length) return <EmptyState title="What became of its rows is not kept any more." />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with keys
    <section aria-label="Its rows" tabIndex={0} className="min-h-0 flex-1 overflow-auto bg-surface">
      <table className="w-full table-fixed">
        <caption className="sr-only">What became of each row</caption>
        <thead>
          <tr className="h-8 text-left text-muted text-sm">
            <th scope="col" className="w-20 px-4 font-medium">
              Row
            </th>
            <th scope="col" className="w-28 px-2 font-medium">
              What
            </th>
            <th scope="col" className="px-2 font-medium">
              Record
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <MadeLine key={row.id} row={row} linked={of.status !== "undone"} />
          ))}
        </tbody>
      </table>
      <More asked={asked} className="m-4">
        More rows
      </More>
    </section>
  );
}

const CALLED: Record<string, string> = { created: "New", updated: "Changed", refused: "Error" };

function MadeLine({ row, linked }: { row: Schemas["ImportRowOut"]; linked: boolean }) {
  const to = linked ? madePath(row.entity, row.record_id) : null;
  const said = Object.entries(row.says);
  const name = said.find(([field]) => field === "name" || field === "summary") ?? said[0];
  const rest = said.filter((one) => one !== name).slice(0, SAID);
  const text = name ? String(name[1]) : "";
  return (
    <tr className="h-row border-line border-t">
      <td className="tabular px-4">{many(row.row)}</td>
      <td className={cx("px-2", row.did === "refused" && "text-danger")}>
        {CALLED[row.did] ?? words(row.did)}
      </td>
      <td className="truncate px-2">
        {to && text ? (
          <Link to={to} className="font-medium hover:underline">
            {text}
          </Link>
        ) : (
          <span className="font-medium">{text}</span>
        )}{" "}
        <span className="text-muted">
          {row.did === "refused" ? "Not taken" : rest.map(inWords).join(" · ")}
        </span>
      </td>
    </tr>
  );
}

function Kept({ of }: { of: Import }) {
  const asked = useInfiniteQuery({
    queryKey: ["imports", of.id, "rows", "kept"],
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/v2/imports/{id}/changes", {
          params: {
            path: { id: of.id },
            query: { undone: "kept", limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
  if (asked.error && !asked.data) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton rows={6} label="Reading what was kept" />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with keys
    <section aria-label="What was kept" tabIndex={0} className="min-h-0 flex-1 overflow-auto bg-surface">
      <h2 className="px-4 pt-3 font-semibold">What was kept, and why</h2>
      <ul>
        {asked.data.pages
          .flatMap((page) => page.data)
          .map((one) => {
            const to = madePath(one.entity, one.record_id);
            return (
              <li key={one.position} className="flex min-h-row items-center gap-3 border-line border-b px-4">
                {to ? (
                  <Link to={to} className="font-medium hover:underline">
                    {one.name ?? `Row ${one.row}`}
                  </Link>
                ) : (
                  <span className="font-medium">{one.name ?? `Row ${one.row}`}</span>
                )}
                <span className="text-muted">{one.reason}</span>
              </li>
            );
          })}
      </ul>
      <More asked={asked} className="m-4">
        More
      </More>
    </section>
  );
}
