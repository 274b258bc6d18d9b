/** What can still be sold: each day's windows with what they have, what is sold, promised, held, kept back and left.
 * Everywhere and for any work, or in one territory and for one trade. */

import { ChevronLeft, ChevronRight, Download, Gauge } from "lucide-react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { type Me, useMe } from "@/identity/me";
import { useJobTypes } from "@/settings/lookups";
import { useTerritories } from "@/sites/territories";
import { dayFrom, idFrom } from "@/ui/address";
import { Button } from "@/ui/Button";
import { DayInput } from "@/ui/DayInput";
import { EmptyState } from "@/ui/EmptyState";
import { Failed } from "@/ui/Failed";
import { useKeys } from "@/ui/keys";
import { INPUT } from "@/ui/Labelled";
import { Page } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { words } from "@/ui/Status";
import { save } from "@/ui/save";
import { dateIn } from "@/ui/wall";
import { zoneName } from "@/ui/zones";
import { Chosen } from "./Chosen";
import { csvOf, DAYS, dayOf, FIGURES, type Figure, keyOf, plusDays, stateOf, tableOf } from "./figures";
import { useCapacity } from "./reading";
import { type At, Windows } from "./Windows";

export default function CapacityPage() {
  const { me } = useMe();
  return me ? <OfDays me={me} /> : null;
}

function OfDays({ me }: { me: Me }) {
  const [address, setAddress] = useSearchParams();
  const go = useNavigate();
  const today = dateIn(Date.now(), me.time_zone);
  const named = dayFrom(address.get("from")) ?? today;
  // what is past is not sold any more
  const from = named < today ? today : named;
  const territory = idFrom(address.get("territory"));
  const trade = address.get("trade")?.slice(0, 200) || null;
  const shown: Figure = FIGURES.find((one) => one.key === address.get("show"))?.key ?? "remaining";
  const { data: found, error, refetch, isPlaceholderData } = useCapacity({ from, territory, trade });
  const territories = useTerritories().data ?? [];
  const trades = [...new Set((useJobTypes().data ?? []).map((one) => one.trade))].sort();

  function change(to: Record<string, string | null>) {
    setAddress(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [key, value] of Object.entries(to)) {
          if (value === null || value === "") next.delete(key);
          else next.set(key, value);
        }
        return next;
      },
      { replace: true },
    );
  }
  const turn = (by: number) => {
    const to = plusDays(from, by * DAYS);
    change({ from: to <= today ? null : to, day: null });
  };
  const boardOf = (day: string) => `/board?date=${day}${territory ? `&territory=${territory}` : ""}`;

  useKeys([
    { keys: "t", says: "Today", group: "Capacity", do: () => change({ from: null, day: null }) },
    { keys: "[", says: "The days before", group: "Capacity", do: () => turn(-1) },
    { keys: "]", says: "The days after", group: "Capacity", do: () => turn(1) },
  ]);

  const table = found && tableOf(found, from);
  const day = dayFrom(address.get("day"));
  const first = found?.windows.find((one) => stateOf(one) !== "past");
  const at: At = {
    day: table?.rows.find((row) => row.day === day)?.day ?? (first && found ? dayOf(first, found) : from),
    key:
      table?.columns.find((one) => one.key === address.get("window"))?.key ??
      (first ? keyOf(first) : (table?.columns[0]?.key ?? "")),
  };
  const window = table?.rows.find((row) => row.day === at.day)?.windows.get(at.key) ?? null;
  const nothing = found?.windows.every((one) => one.available === 0 && one.sold === 0 && one.shadows === 0);

  function take() {
    if (!found) return;
    const where = territories.find((one) => one.id === territory)?.name ?? "";
    save(new Blob([csvOf(found, where, trade ?? "")], { type: "text/csv" }), `capacity-${from}.csv`);
  }

  return (
    <Page
      title="Capacity"
      about={<span className="max-lg:hidden">What each window has, and what of it can still be sold.</span>}
      scrolls={false}
      actions={
        <>
          <Button
            aria-label="The days before"
            className="w-control px-0!"
            disabled={from === today}
            onClick={() => turn(-1)}
          >
            <ChevronLeft aria-hidden className="size-4" />
          </Button>
          <DayInput
            aria-label="First day"
            className={`${INPUT} w-36!`}
            min={today}
            value={from}
            onDay={(to) => change({ from: to <= today ? null : to, day: null })}
          />
          <Button aria-label="The days after" className="w-control px-0!" onClick={() => turn(1)}>
            <ChevronRight aria-hidden className="size-4" />
          </Button>
        </>
      }
      above={
        <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-line border-b bg-surface px-4 py-1.5">
          <select
            aria-label="What is shown"
            className={`${INPUT} w-44! max-sm:w-auto! max-sm:min-w-0 max-sm:flex-1`}
            value={shown}
            onChange={({ target }) => change({ show: target.value === "remaining" ? null : target.value })}
          >
            {FIGURES.map(({ key, words: said }) => (
              <option key={key} value={key}>
                {said}
              </option>
            ))}
          </select>
          {(territories.length > 0 || territory) && (
            <select
              aria-label="Territory"
              className={`${INPUT} w-40! max-sm:w-auto! max-sm:min-w-0 max-sm:flex-1`}
              value={territory ?? ""}
              onChange={({ target }) => change({ territory: target.value })}
            >
              <option value="">All territories</option>
              {territories.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
              {territory && !territories.some((one) => one.id === territory) && (
                <option value={territory}>Another</option>
              )}
            </select>
          )}
          {(trades.length > 0 || trade) && (
            <select
              aria-label="Trade"
              className={`${INPUT} w-36! max-sm:w-auto! max-sm:min-w-0 max-sm:flex-1`}
              value={trade ?? ""}
              onChange={({ target }) => change({ trade: target.value })}
            >
              <option value="">All trades</option>
              {[...new Set([...trades, ...(trade ? [trade] : [])])].map((one) => (
                <option key={one} value={one}>
                  {words(one)}
                </option>
              ))}
            </select>
          )}
          <span className="ml-auto flex items-center gap-2 text-muted">
            <span className="max-sm:hidden">{zoneName(me.time_zone)}</span>
            <Button look="plain" disabled={!found || nothing === true} onClick={take}>
              <Download aria-hidden className="size-3.5" />
              <span className="max-sm:sr-only">Export CSV</span>
            </Button>
          </span>
        </div>
      }
    >
      {error && !found ? (
        <Failed error={error} again={() => void refetch()} />
      ) : !found || !table ? (
        <Skeleton rows={DAYS} label="Counting what windows hold" />
      ) : nothing ? (
        <EmptyState
          icon={Gauge}
          title="Nobody works on these days"
          action={
            <Button asChild>
              <Link to="/technicians">Give somebody a shift</Link>
            </Button>
          }
        >
          {territory || trade
            ? "Nobody who does such work there has a shift or working hours: choose others above, or say when they work."
            : "A window has the time of those who work in it. Once technicians have shifts or working hours, it is counted here."}
        </EmptyState>
      ) : (
        <div className="flex min-h-0 flex-1 max-lg:flex-col" aria-busy={isPlaceholderData}>
          <div className="min-w-0 flex-1 overflow-auto bg-surface">
            <Windows
              found={found}
              table={table}
              shown={shown}
              today={today}
              at={at}
              boardOf={boardOf}
              onAt={(to) => change({ day: to.day, window: to.key })}
              onEnter={(to) => void go(boardOf(to))}
              onTurn={turn}
            />
          </div>
          <Chosen found={found} day={at.day} window={window} board={boardOf(at.day)} />
        </div>
      )}
    </Page>
  );
}
