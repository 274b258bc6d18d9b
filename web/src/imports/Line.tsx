/** One thing that is wrong with a row: which row, what is wrong, and the cell to mend it in. */

import { Undo2 } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Schemas } from "@/api/client";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { INPUT } from "@/ui/Field";
import type { Desk } from "./desk";
import { madePath, type Row } from "./imports";
import type { Told } from "./Mending";

const HINTS = 1;

/** What tells the row from others: its first words that nothing is wrong with. */
function hint(row: Row, headings: readonly string[], column: string | null): string {
  return headings
    .filter((heading) => heading !== column)
    .map((heading) => row.cells?.[heading]?.trim())
    .filter(Boolean)
    .slice(0, HINTS)
    .join(" · ");
}

export function Line({
  line,
  headings,
  open,
  desk,
  change,
  onNext,
  onWhole,
}: {
  line: Told;
  headings: readonly string[];
  open: boolean;
  desk: Desk;
  change: (id: string, body: Schemas["ImportRowPatch"], kept?: () => void) => Promise<void>;
  onNext: () => void;
  onWhole: () => void;
}) {
  const { row, problem, first } = line;
  const column = problem?.column ?? null;
  const stands = column === null ? undefined : row.cells?.[column];
  const like = problem?.severity === "duplicate" ? madePath(problem.entity, problem.record_id) : null;
  return (
    <div
      className={cx(
        "grid min-h-[37px] items-center gap-x-3 border-line px-4 py-1",
        "max-sm:grid-cols-[4rem_minmax(0,1fr)]",
        // the buttons stand under one another also beside a row's second line, which has none
        "sm:grid-cols-[4rem_minmax(0,2fr)_minmax(0,1fr)_10.5rem]",
        first && "border-t",
      )}
    >
      <span className="tabular whitespace-nowrap text-muted">
        {first ? `Row ${row.row}` : <span className="sr-only">Row {row.row}</span>}
      </span>
      <span
        className={cx(
          // one line, whatever there is to say; on a phone, where lines are few anyway, all of it
          "flex min-w-0 items-baseline gap-x-2 max-sm:flex-wrap",
          row.left_out && "text-muted line-through",
        )}
      >
        <span className="min-w-0 sm:truncate" title={problem?.reason}>
          {problem ? problem.reason : row.left_out ? "Left out" : "In order now"}
        </span>
        {like && (
          <Link to={like} className="shrink-0 text-accent underline">
            Look at it
          </Link>
        )}
        {first && row.unchecked && <span className="shrink-0 text-sm text-warn">Not checked yet</span>}
        {first && (
          <span className="min-w-0 shrink-[99] text-muted text-sm sm:truncate">
            {hint(row, headings, column)}
          </span>
        )}
      </span>
      <span className="min-w-0 max-sm:col-start-2">
        {column !== null && stands !== undefined && open && !row.left_out ? (
          <Cell
            key={`${line.key} ${stands}`}
            id={line.key}
            label={`${column}, row ${row.row}`}
            column={column}
            stands={stands}
            wrong={!row.unchecked}
            desk={desk}
            save={(text, kept) => change(row.id, { cells: { [column]: text } }, kept)}
            onNext={onNext}
          />
        ) : (
          column !== null && (
            <span className="block truncate text-muted">
              {column}: {stands || "empty"}
            </span>
          )
        )}
      </span>
      <span className="flex items-center justify-end gap-1 max-sm:col-start-2">
        {first && row.cells && (
          <Button look="plain" onClick={onWhole}>
            All cells<span className="sr-only"> of row {row.row}</span>
          </Button>
        )}
        {first && open && (
          <Button
            look="plain"
            onClick={() => void change(row.id, { left_out: !row.left_out }).catch(() => undefined)}
          >
            {row.left_out ? (
              <>
                <Undo2 aria-hidden className="size-3.5" /> Take in
              </>
            ) : (
              "Leave out"
            )}
            <span className="sr-only"> row {row.row}</span>
          </Button>
        )}
      </span>
    </div>
  );
}

function Cell({
  id,
  label,
  column,
  stands,
  wrong,
  desk,
  save,
  onNext,
}: {
  id: string;
  label: string;
  column: string;
  stands: string;
  wrong: boolean;
  desk: Desk;
  save: (text: string, kept: () => void) => Promise<void>;
  onNext: () => void;
}) {
  const { drafts } = desk;
  const [typed, setTyped] = useState(drafts.get(id)?.text ?? stands);

  async function keep() {
    const draft = drafts.get(id);
    if (!draft || draft.sent) return;
    if (draft.text === stands) {
      drafts.delete(id);
      return;
    }
    draft.sent = true;
    try {
      await save(draft.text, () => {
        // unless something else was typed since
        if (drafts.get(id) === draft) drafts.delete(id);
      });
    } catch {
      // said already; what was typed stays and is sent again when one leaves the cell again
      draft.sent = false;
    }
  }

  return (
    <label className="flex items-center gap-2">
      <span className="w-24 shrink-0 truncate text-right text-muted text-sm" aria-hidden title={column}>
        {column}
      </span>
      <input
        aria-label={label}
        aria-invalid={(wrong && typed === stands) || undefined}
        value={typed}
        placeholder="empty"
        maxLength={10_000}
        className={cx(INPUT, "min-w-0")}
        onChange={(event) => {
          setTyped(event.target.value);
          drafts.set(id, { text: event.target.value, label, sent: false });
        }}
        onBlur={() => void keep()}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            void keep();
            onNext();
          } else if (event.key === "Escape") {
            drafts.delete(id);
            setTyped(stands);
          }
        }}
      />
    </label>
  );
}
