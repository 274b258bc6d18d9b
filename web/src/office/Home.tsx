/** Where somebody begins: what is still to be set up, what waits today, and what is about to go wrong. */

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { type Me, mayRead } from "@/identity/me";
import { cx } from "@/ui/cx";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { onDay } from "@/ui/when";
import { AlertList, byUrgency, type Visits } from "./AlertList";
import { useAlerts } from "./Alerts";
import { useLiveQueries } from "./live";
import { Suggestions, useSuggestions } from "./suggesting";

const FirstSteps = lazy(() => import("@/first/FirstSteps"));

export function Home({ me }: { me: Me }) {
  const may = mayRead(me, "visits");
  const asked = useAlerts(may);
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: me.time_zone }).format(new Date());
  const suggested = useSuggestions(me).data?.data ?? [];
  const { urgent, later } = byUrgency(asked.data?.data ?? []);
  const begins = me.permissions.includes("organisation:write");
  return (
    <Page title="Today" about={`${onDay(asked.data?.day ?? today)} at ${me.org.name}`}>
      <div className="flex flex-col gap-4 p-4">
        {begins && (
          <Suspense>
            <div className="flex max-w-3xl flex-col gap-4 empty:hidden">
              <FirstSteps me={me} />
            </div>
          </Suspense>
        )}
        {may ? (
          <>
            <Waiting me={me} day={asked.data?.day ?? today} />
            {suggested.length > 0 && (
              <section
                aria-label="Is it so?"
                className="overflow-hidden rounded-lg border border-line bg-surface"
              >
                <h2 className="flex h-10 items-center gap-1.5 border-line border-b px-3 font-semibold">
                  Is it so? <span className="tabular font-normal text-muted">{suggested.length}</span>
                </h2>
                <Suspense>
                  <Suggestions me={me} all={suggested} label="Is it so?" />
                </Suspense>
              </section>
            )}
            <div className="grid items-start gap-4 xl:grid-cols-2">
              <Alerts title="About to go wrong" asked={asked} of={urgent} />
              {later.size > 0 && <Alerts title="Not confirmed yet" asked={asked} of={later} />}
            </div>
          </>
        ) : (
          <EmptyState title={`You are signed in as ${me.org.role}.`}>
            Your role does not show visits. What it shows stands among the pages.
          </EmptyState>
        )}
      </div>
    </Page>
  );
}

function Alerts({ title, asked, of }: { title: string; asked: ReturnType<typeof useAlerts>; of: Visits }) {
  return (
    <section className="overflow-hidden rounded-lg border border-line bg-surface xl:only:col-span-2">
      <h2 className="flex h-10 items-center gap-1.5 border-line border-b px-3 font-semibold">
        {title}
        {of.size > 0 && <span className="tabular font-normal text-muted">{of.size}</span>}
      </h2>
      <AlertList asked={asked} label={title} of={of} />
    </section>
  );
}

/** Counted so far by the server; more are not counted one by one. */
const MOST = 1000;

interface Waits {
  words: string;
  count: number | undefined;
  to: string;
  urgent?: number | undefined;
}

/** What waits for the office, counted by the server; each number leads to what it counts. */
function Waiting({ me, day }: { me: Me; day: string }) {
  const boards = mayRead(me, "technicians") && mayRead(me, "work-orders");
  const tray = useQuery({
    queryKey: ["board-tray", "counts"],
    enabled: boards,
    queryFn: () => ask(api.GET("/api/v2/board/tray", { params: { query: { tab: "unassigned", limit: 1 } } })),
  });
  const left = useQuery({
    queryKey: ["end-of-day", day, "counts"],
    // what a day leaves is not asked anew with every move on the board
    refetchInterval: 60_000,
    queryFn: () => ask(api.GET("/api/v2/end-of-day", { params: { query: { day } } })),
  });
  useLiveQueries(`board:${day}`, "board-tray");
  const waits: Waits[] = [
    { words: "not closed out", count: left.data?.not_closed_out.total, to: "/end-of-day" },
  ];
  if (boards) {
    const { counts, urgent } = tray.data ?? {};
    waits.unshift(
      {
        words: "promised, nobody comes",
        count: counts?.unassigned,
        to: "/board",
        urgent: urgent?.unassigned,
      },
      { words: "to be scheduled", count: counts?.to_schedule, to: "/board?tray=to_schedule" },
    );
  }
  if (mayRead(me, "invoices")) {
    waits.push({ words: "done, not billed", count: left.data?.unbilled.total, to: "/end-of-day" });
  }
  const error = tray.error ?? left.error;
  return (
    <section aria-label="What waits">
      <ul className="grid grid-cols-4 gap-3 max-sm:grid-cols-2">
        {waits.map(({ words, count, to, urgent }) => (
          <li key={words}>
            <Link
              to={to}
              className="flex h-full flex-col rounded-lg border border-line bg-surface px-3 py-2 hover:border-line-strong"
            >
              <span className={cx("tabular font-semibold text-lg", Boolean(urgent) && "text-danger")}>
                {count === undefined ? "…" : count >= MOST ? "1,000 or more" : count}
              </span>
              <span className="text-muted">{words}</span>
              {urgent ? <span className="text-danger text-sm">{urgent} for today or before</span> : null}
            </Link>
          </li>
        ))}
      </ul>
      {error && <p className="mt-2 text-danger">{error.message}</p>}
    </section>
  );
}
