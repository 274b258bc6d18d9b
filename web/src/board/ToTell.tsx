/** The customers who do not know yet how it stands: a window that was left, or never told, or a visit that does not
 * take place. No drag tells anybody anything, so whoever tells them says so here. */

import type { UseQueryResult } from "@tanstack/react-query";
import { Phone } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { INPUT } from "@/ui/Field";
import { phone } from "@/ui/phone";
import { Skeleton } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import { copy } from "./arrival";
import { promiseTo } from "./Promising";
import { refusal } from "./refusing";
import { serverNow } from "./store";
import { wasTold } from "./Told";
import { ago, isToday, MOST, nowWords, type ToTellRow, textFor, toldWords } from "./telling";

interface Props {
  asked: UseQueryResult<ToTellRow[]>;
  board: string;
  plans: boolean;
}

const fits = (row: ToTellRow, q: string): boolean =>
  [row.customer, row.work_order_number, row.address, row.phone ?? ""].some((one) =>
    one.toLowerCase().includes(q.trim().toLowerCase()),
  );

export function ToTell({ asked, board, plans }: Props) {
  const [q, setQ] = useState("");
  const rows = (asked.data ?? []).filter((row) => fits(row, q));
  const list = useFocusThatStays(rows.map((row) => row.visit_id).join());
  return (
    <>
      <div className="tray-filters">
        <input
          type="search"
          aria-label="Find a customer to tell"
          placeholder="Find a customer to tell"
          className={`${INPUT} col-span-2`}
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
      </div>
      <div id="tray-rows" role="tabpanel" aria-labelledby="tray-to_tell" className="tray-rows">
        {asked.error && !asked.data ? (
          <div role="alert" className="p-3">
            <p>{asked.error.message}</p>
            <Button className="mt-2" onClick={() => void asked.refetch()}>
              Try again
            </Button>
          </div>
        ) : rows.length ? (
          <ul ref={list}>
            {rows.map((row) => (
              <Entry key={row.visit_id} row={row} board={board} plans={plans} />
            ))}
          </ul>
        ) : asked.data ? (
          <p className="p-3 text-muted">
            {q.trim() ? "Nobody here is called that." : "Every customer knows how it stands."}
          </p>
        ) : (
          <Skeleton rows={4} label="Reading whom to tell" />
        )}
        {(asked.data?.length ?? 0) >= MOST && (
          <p className="p-3 text-muted">{`The soonest ${MOST} are shown.`}</p>
        )}
      </div>
    </>
  );
}

/** Where the row that has the focus goes, its place in the list gets it; and the tab, where the list is empty. */
function useFocusThatStays(rows: string) {
  const list = useRef<HTMLUListElement>(null);
  const place = useRef<number | null>(null);
  useEffect(() => {
    const noted = () => {
      const entries = [...(list.current?.children ?? [])];
      const here = entries.findIndex((one) => one.contains(document.activeElement));
      const free = document.activeElement === document.body;
      // a layer that is open has it, and gives it back
      if (here >= 0) place.current = here;
      else if (!free && !document.activeElement?.closest("[role=dialog]")) place.current = null;
    };
    document.addEventListener("focusin", noted);
    return () => document.removeEventListener("focusin", noted);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once other rows are there
  useEffect(() => {
    if (place.current === null || document.activeElement !== document.body) return;
    const entry = list.current?.children[Math.min(place.current, list.current.children.length - 1)];
    (entry?.querySelector("button") ?? document.getElementById("tray-to_tell"))?.focus();
  }, [rows]);
  return list;
}

function Entry({ row, board, plans }: { row: ToTellRow; board: string; plans: boolean }) {
  const [busy, setBusy] = useState<"told" | "copy" | null>(null);
  const told = toldWords(row, board);
  const urgent = isToday(row, serverNow());

  async function doing(which: "told" | "copy", what: () => Promise<void>) {
    setBusy(which);
    try {
      await what();
    } catch (error) {
      toast({ text: refusal(error), tone: "danger" });
    } finally {
      setBusy(null);
    }
  }

  /** Where the plan has left what they know, they are told another window. */
  async function tell() {
    if (row.reason !== "planned_outside") return wasTold(row);
    promiseTo(await ask(api.GET("/api/v2/visits/{id}", { params: { path: { id: row.visit_id } } })));
  }

  return (
    <li data-urgent={urgent || undefined} className="tray-row">
      <div className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate font-semibold">{row.customer}</span>
        <span className="tabular text-muted text-sm">{row.work_order_number}</span>
      </div>
      <div className="flex items-baseline gap-2 text-sm">
        <span className="tabular min-w-0 flex-1 text-muted">{told ? `Told ${told}` : "Told nothing"}</span>
        <span
          className="tabular whitespace-nowrap text-muted"
          title={row.reason === "not_told" ? "When it was written down" : "When they were told"}
        >
          {ago(row.since, serverNow())}
        </span>
      </div>
      <p className="tabular text-sm" data-when>
        {`${urgent ? "⚠ " : ""}Now ${nowWords(row, board)}`}
      </p>
      {row.phone && (
        <a className="tabular inline-flex items-center gap-1 text-accent text-sm" href={`tel:${row.phone}`}>
          <Phone size={12} aria-hidden /> {phone(row.phone)}
        </a>
      )}
      <div className="mt-1 flex flex-wrap gap-1">
        {plans && (
          <Button busy={busy === "told"} onClick={() => void doing("told", tell)}>
            <span>
              Told<span className="sr-only"> {row.customer}</span>…
            </span>
          </Button>
        )}
        <Button
          busy={busy === "copy"}
          onClick={() => void doing("copy", async () => copy(await textFor(row)))}
        >
          <span>
            Copy the text<span className="sr-only"> for {row.customer}</span>
          </span>
        </Button>
      </div>
    </li>
  );
}
