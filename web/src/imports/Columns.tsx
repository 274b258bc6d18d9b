/** Which column of the file is which of our fields: guessed, with what stands in it, and corrected here. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { Check, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Failed } from "@/ui/Failed";
import { Select } from "@/ui/Select";
import { Skeleton } from "@/ui/Skeleton";
import { Wrong } from "@/ui/Wrong";
import { check, type Import } from "./imports";

type Known = Schemas["ColumnsOut"];
type Mapping = Record<string, string | null>;

export function Columns({ of, onDone }: { of: Import; onDone: () => void }) {
  const asked = useQuery({
    queryKey: ["imports", of.id, "columns"],
    queryFn: () => ask(api.GET("/api/v2/imports/{id}/columns", { params: { path: { id: of.id } } })),
  });
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton rows={12} label="Reading the columns" />;
  return <Saying of={of} known={asked.data} onDone={onDone} />;
}

/** What of the needed fields has no column yet, in words. */
function lacking(known: Known, mapping: Mapping): string[] {
  const used = new Set(Object.values(mapping));
  return known.wants
    .filter((one) => !one.fields.some((field) => used.has(field)))
    .map((one) => say(known, one));
}

const FEW = 4;

function say(known: Known, want: Schemas["WantOut"]): string {
  const labels = want.fields.map((name) => known.fields.find((one) => one.name === name)?.label ?? name);
  const shown = labels.slice(0, FEW).join(" · ");
  return labels.length > FEW ? `${shown} …` : shown;
}

function Saying({ of, known, onDone }: { of: Import; known: Known; onDone: () => void }) {
  const keyOf = useKeys();
  const [mapping, setMapping] = useState<Mapping>(() =>
    Object.fromEntries(known.columns.map((one) => [one.heading, one.field])),
  );
  const [wanted, setKey] = useState<string | null>(of.status === "waiting" ? null : of.key);
  const used = new Set(Object.values(mapping));
  const keys = known.keys.filter((one) => one.fields.every((field) => used.has(field)));
  // the one that was chosen, as long as its columns are there
  const key =
    wanted === "none" || keys.some((one) => one.name === wanted) ? wanted : (keys[0]?.name ?? "none");
  const needs = lacking(known, mapping);
  const label = (name: string) => known.fields.find((one) => one.name === name)?.label ?? name;

  const checking = useMutation({
    mutationFn: () => {
      const body = { rows: "all" as const, mapping, key };
      return check(of.id, body, keyOf([of.id, of.version, body]));
    },
    onSuccess: onDone,
  });

  function read(heading: string, field: string | null) {
    setMapping((before) => {
      const next = { ...before, [heading]: field };
      // a field comes from one column: the one that was said last
      for (const other of Object.keys(next)) {
        if (field && other !== heading && next[other] === field) next[other] = null;
      }
      return next;
    });
  }

  const said = Object.values(mapping).filter(Boolean).length;
  return (
    <>
      <div className="min-h-0 flex-1 overflow-auto">
        <p className="px-4 pt-3 text-muted">
          {of.mapped_by === "remembered"
            ? "Read as the last file with these headings was."
            : "Guessed from the headings. Look whether it is right."}{" "}
          {said} of {known.columns.length} columns are read.
        </p>
        <table className="mt-2 w-full table-fixed border-line border-y bg-surface">
          <caption className="sr-only">Columns of the file</caption>
          <thead>
            <tr className="h-8 text-left text-muted text-sm">
              <th scope="col" className="w-[26%] px-4 font-medium">
                Column in the file
              </th>
              <th scope="col" className="px-2 font-medium max-sm:hidden">
                First values
              </th>
              <th scope="col" className="w-[38%] px-4 font-medium max-sm:w-[60%]">
                Read as
              </th>
            </tr>
          </thead>
          <tbody>
            {known.columns.map((one) => {
              const field = mapping[one.heading] ?? null;
              return (
                <tr key={one.heading} className="h-row border-line border-t">
                  <th scope="row" className="truncate px-4 text-left font-medium" title={one.heading}>
                    {one.heading}
                  </th>
                  <td className="truncate px-2 text-muted max-sm:hidden">
                    {one.samples.length ? one.samples.join(" · ") : "nothing in the first rows"}
                  </td>
                  <td className="px-4">
                    <Select
                      quiet
                      label={`Read ${one.heading} as`}
                      none="Left out"
                      className={cx(field === null && "text-muted")}
                      choices={known.fields.map(({ name, label: text }) => ({ value: name, text }))}
                      value={field ?? ""}
                      onChange={(event) => read(one.heading, event.target.value || null)}
                    />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        <div className="max-w-xl p-4">
          <Select
            label="A row finds the record it is about by"
            hint="What is found is brought up to date; what is not is made anew."
            choices={[
              ...keys.map((one) => ({ value: one.name, text: one.fields.map(label).join(" and ") })),
              { value: "none", text: "Nothing: every row makes a new one" },
            ]}
            value={key ?? "none"}
            onChange={(event) => setKey(event.target.value)}
          />
        </div>
      </div>
      <footer className="flex shrink-0 flex-wrap items-center gap-3 border-line border-t bg-surface px-4 py-2">
        <ul aria-label="Needed" className="min-w-0 flex-1">
          {needs.length === 0 ? (
            <li className="flex items-center gap-1.5 text-good">
              <Check aria-hidden className="size-4 shrink-0" /> Every needed field has its column.
            </li>
          ) : (
            needs.map((one) => (
              <li key={one} className="flex items-center gap-1.5 text-danger">
                <TriangleAlert aria-hidden className="size-4 shrink-0" /> Needed, and no column yet: {one}
              </li>
            ))
          )}
        </ul>
        <Wrong>{checking.error?.message}</Wrong>
        {of.status !== "waiting" && <Button onClick={onDone}>Back</Button>}
        <Button
          look="primary"
          busy={checking.isPending}
          disabled={needs.length > 0}
          onClick={() => checking.mutate()}
        >
          Check the list
        </Button>
      </footer>
    </>
  );
}
