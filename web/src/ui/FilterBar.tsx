/** What stands above a list: its views, its search box, its choices, how many there are, and taking it along. */

import { Download, Search } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "./Button";
import { cx } from "./cx";
import { useKeys } from "./keys";
import { INPUT } from "./Labelled";
import { Menu, MenuItem } from "./Menu";
import { save } from "./save";
import { toast } from "./toast";
import type { List } from "./useList";

const KINDS = {
  csv: "text/csv",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
} as const;

export function FilterBar<Row>({
  list,
  name,
  one,
  several,
  views,
  children,
  onLeave,
}: {
  list: List<Row>;
  name: string;
  /** What one of them is, where that is known. */
  one?: string | undefined;
  /** And what several are, where that is not their name: "pieces of equipment". */
  several?: string | undefined;
  views?: ReactNode;
  children?: ReactNode;
  /** Enter in the box: on to the rows. */
  onLeave: () => void;
}) {
  const box = useRef<HTMLInputElement>(null);
  const asks = list.address.get("q") ?? "";
  // the address follows what is typed a moment later, and must not take letters back meanwhile
  const [typed, setTyped] = useState(asks);
  useEffect(() => {
    if (document.activeElement !== box.current) setTyped(asks);
  }, [asks]);
  function type(words: string) {
    setTyped(words);
    list.change({ q: words || null });
  }
  const finds = (list.options.find?.length ?? 0) > 0;
  useKeys(
    finds ? [{ keys: "/", says: "Go to the filter", group: "Lists", do: () => box.current?.focus() }] : [],
  );
  const { total, rows, asked } = list;
  const many = total ?? (asked.hasNextPage || asked.isPending ? null : rows.length);
  return (
    <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-line border-b bg-surface px-4 py-1.5">
      {views && <div className="max-sm:order-first">{views}</div>}
      {finds && (
        <div className="relative w-56 max-sm:w-full">
          <Search
            aria-hidden
            className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-muted"
          />
          <input
            ref={box}
            type="search"
            aria-label={`Filter ${name}`}
            aria-keyshortcuts="/"
            placeholder={`Filter ${name}`}
            className={`${INPUT} pl-7`}
            value={typed}
            onChange={(event) => type(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") {
                event.preventDefault();
                onLeave();
              } else if (event.key === "Escape") {
                event.preventDefault();
                if (event.currentTarget.value) type("");
                else event.currentTarget.blur();
              }
            }}
          />
        </div>
      )}
      {children}
      <span
        className={cx("ml-auto flex items-center gap-2 text-muted", Boolean(views) && "max-sm:order-first")}
      >
        {many !== null && (
          <span className="tabular" role="status">
            {many.toLocaleString()} {many === 1 ? (one ?? name) : (several ?? name)}
          </span>
        )}
        {many !== 0 && <Taking list={list} name={name} />}
      </span>
    </div>
  );
}

/** The whole list, as it is filtered and sorted, as a file. */
function Taking<Row>({ list, name }: { list: List<Row>; name: string }) {
  const [busy, setBusy] = useState(false);

  async function take(kind: keyof typeof KINDS) {
    setBusy(true);
    try {
      save(await list.file(KINDS[kind]), `${name.replaceAll(" ", "-")}.${kind}`);
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: "danger" });
    } finally {
      setBusy(false);
    }
  }

  return (
    <Menu
      align="end"
      button={
        <Button look="plain" busy={busy}>
          <Download aria-hidden className="size-3.5" />
          <span className="max-sm:sr-only">{busy ? "Exporting…" : "Export"}</span>
        </Button>
      }
    >
      <MenuItem onSelect={() => void take("csv")}>CSV</MenuItem>
      <MenuItem onSelect={() => void take("xlsx")}>Excel (XLSX)</MenuItem>
    </Menu>
  );
}
