/** What a day leaves to be done: visits nobody closed out, visits that have to be made again, and work that
 * nobody has billed, also of days before. Each row goes when somebody says what became of it; what is still to
 * come today is not here. */

import { useQuery } from "@tanstack/react-query";
import { CalendarDays, CalendarPlus, ChevronLeft, ChevronRight, MoonStar } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { api, ask, given, type Schemas } from "@/api/client";
import { dateIn, plusDays } from "@/board/clock";
import { type Me, mayRead, useMe } from "@/identity/me";
import { useDraftInvoice } from "@/invoices/drafting";
import { recordPath } from "@/office/nav";
import { dayFrom } from "@/ui/address";
import { Button } from "@/ui/Button";
import { DayInput } from "@/ui/DayInput";
import { EmptyState } from "@/ui/EmptyState";
import { Failed } from "@/ui/Failed";
import { INPUT } from "@/ui/Labelled";
import { Page, Pane } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { Status } from "@/ui/Status";
import { toast } from "@/ui/toast";
import { between, when } from "@/ui/when";
import { CloseOut } from "./CloseOut";
import { pathOf } from "./work";

type OpenVisit = Schemas["OpenVisitOut"];
type Unbilled = Schemas["UnbilledOut"];

export default function EndOfDayPage() {
  const { me } = useMe();
  return me ? <TheDay me={me} /> : null;
}

function TheDay({ me }: { me: Me }) {
  const [address, setAddress] = useSearchParams();
  const today = dateIn(Date.now(), me.time_zone);
  const day = dayFrom(address.get("day")) ?? today;
  const go = (to: string) => setAddress(to === today ? {} : { day: to }, { replace: true });
  const [closing, setClosing] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ["end-of-day", day],
    // visits are closed out by others, too
    refetchInterval: 60_000,
    queryFn: () => ask(api.GET("/api/v2/end-of-day", { params: { query: given({ day }) } })),
  });
  const executes = me.permissions.includes("visits:execute");
  const books = me.permissions.includes("dispatch:write");
  const bills = me.permissions.includes("invoices:write");
  const boards = mayRead(me, "technicians");
  const nothing = data && data.not_closed_out.total + data.no_next_visit.total + data.unbilled.total === 0;

  return (
    <Page
      title="End of day"
      actions={
        <>
          <Button
            aria-label="The day before"
            className="w-control px-0!"
            onClick={() => go(plusDays(day, -1))}
          >
            <ChevronLeft aria-hidden className="size-4" />
          </Button>
          <DayInput aria-label="Day" className={`${INPUT} w-36!`} value={day} onDay={go} />
          <Button aria-label="The day after" className="w-control px-0!" onClick={() => go(plusDays(day, 1))}>
            <ChevronRight aria-hidden className="size-4" />
          </Button>
        </>
      }
    >
      {error && !data ? (
        <Failed error={error} again={() => void refetch()} />
      ) : !data ? (
        <Skeleton rows={12} label="Reading the day" />
      ) : nothing ? (
        <EmptyState
          icon={MoonStar}
          title={day < today ? "Nothing is left to do." : "Nothing is left to do so far."}
          {...(boards
            ? {
                action: (
                  <Button asChild>
                    <Link to={`/board?date=${plusDays(day, 1)}`}>Look at the day after</Link>
                  </Button>
                ),
              }
            : {})}
        >
          {day < today
            ? "Every visit until then is closed out. What had to be done again has its next visit, and what was done is billed."
            : "Every visit that should be over by now is closed out. What has to be done again has its next visit, and what is done is billed."}
        </EmptyState>
      ) : (
        <div className="flex flex-col gap-4 p-4">
          <Part
            title="Not closed out"
            of={data.not_closed_out}
            none={
              day < today
                ? "Every visit is closed out."
                : "Every visit that should be over by now is closed out."
            }
          >
            {data.not_closed_out.data.map((one) => (
              <VisitLine key={one.visit_id} of={one}>
                {one.status === "unscheduled"
                  ? boards && <OnTheBoard of={one} zone={me.time_zone} />
                  : executes && (
                      <Button
                        onClick={() => setClosing(one.visit_id)}
                        aria-label={`Close out ${one.work_order_number}`}
                      >
                        Close out
                      </Button>
                    )}
              </VisitLine>
            ))}
          </Part>
          <Part
            title="No next visit"
            of={data.no_next_visit}
            none="Whatever has to be done again has its next visit."
          >
            {data.no_next_visit.data.map((one) => (
              <VisitLine key={one.visit_id} of={one}>
                {books && (
                  <Button asChild>
                    <Link
                      to={`/call?customer=${one.customer_id}&work=${one.work_order_id}`}
                      aria-label={`Find a time for ${one.work_order_number}`}
                    >
                      <CalendarPlus aria-hidden className="size-3.5" /> Find a time
                    </Link>
                  </Button>
                )}
              </VisitLine>
            ))}
          </Part>
          <Part title="Done and not billed" of={data.unbilled} none="What is done is billed.">
            {data.unbilled.data.map((one) => (
              <UnbilledLine key={one.work_order_id} of={one} may={bills} />
            ))}
          </Part>
        </div>
      )}
      {closing && <CloseOut visitId={closing} onClose={() => setClosing(null)} />}
    </Page>
  );
}

function Part({
  title,
  of,
  none,
  children,
}: {
  title: string;
  of: { data: unknown[]; total: number };
  none: string;
  children: ReactNode;
}) {
  return (
    <Pane title={`${title} (${of.total.toLocaleString()})`}>
      {of.total === 0 ? (
        <p className="text-muted">{none}</p>
      ) : (
        <ul aria-label={title} className="-my-3 divide-y divide-line">
          {children}
        </ul>
      )}
      {of.total > of.data.length && (
        <p className="mt-3 text-muted">
          The first {of.data.length} of {of.total.toLocaleString()}: the next come when these are done.
        </p>
      )}
    </Pane>
  );
}

const LINE = "flex min-h-row flex-wrap items-center gap-x-3 gap-y-1 py-1";

/** A promise that nobody kept is planned, promised anew or called off there. */
function OnTheBoard({ of, zone }: { of: OpenVisit; zone: string }) {
  const day = of.promised_start ? `date=${dateIn(Date.parse(of.promised_start), zone)}&` : "";
  return (
    <Button asChild>
      <Link to={`/board?${day}visit=${of.visit_id}`} aria-label={`Show ${of.work_order_number} on the board`}>
        <CalendarDays aria-hidden className="size-3.5" /> On the board
      </Link>
    </Button>
  );
}

function VisitLine({ of, children }: { of: OpenVisit; children: ReactNode }) {
  const { time_zone: zone, planned_start: start, planned_end: end, promised_start, promised_end } = of;
  const whenSaid =
    start && end
      ? `${when(start, zone, "day")}, ${between(start, end, zone)}`
      : promised_start && promised_end
        ? `Promised ${when(promised_start, zone, "day")}, ${between(promised_start, promised_end, zone)}`
        : "Not planned";
  return (
    <li className={LINE}>
      <Link to={pathOf(of.work_order_id)} className="tabular w-22 shrink-0 font-medium hover:underline">
        {of.work_order_number}
      </Link>
      <span className="w-30 shrink-0">
        <Status status={of.status} />
      </span>
      <span className="tabular w-60 shrink-0 whitespace-nowrap max-sm:order-1">{whenSaid}</span>
      <span className="min-w-0 flex-1 basis-56 truncate max-sm:order-1">
        {of.customer} <span className="text-muted">{of.address}</span>
        {of.status_reason && <span className="text-muted"> · {of.status_reason}</span>}
      </span>
      <span className="w-36 shrink-0 truncate text-muted max-lg:hidden">
        {of.technicians.map((one) => one.name).join(", ") || "Nobody is assigned"}
      </span>
      <span className="flex w-30 justify-end max-sm:ml-auto max-sm:w-auto">{children}</span>
    </li>
  );
}

function UnbilledLine({ of, may }: { of: Unbilled; may: boolean }) {
  const drafted = useDraftInvoice();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);

  async function draft() {
    setBusy(true);
    setWrong(null);
    try {
      const made = await drafted(of.work_order_id);
      const href = recordPath("invoice", made.id) ?? pathOf(of.work_order_id);
      toast({ text: `An invoice for ${of.number} is drafted.`, to: { text: "Look at it", href } });
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <li className={LINE}>
      <Link to={pathOf(of.work_order_id)} className="tabular w-22 shrink-0 font-medium hover:underline">
        {of.number}
      </Link>
      <span className="w-30 shrink-0">
        <Status status={of.status} />
      </span>
      <span className="min-w-0 flex-1 basis-56 truncate max-sm:order-1">
        {of.customer} <span className="text-muted">{of.address}</span>
      </span>
      <span className="min-w-0 flex-1 truncate text-muted max-lg:hidden">{of.summary}</span>
      <span className="flex w-30 justify-end max-sm:ml-auto max-sm:w-auto">
        {may && (
          <Button busy={busy} aria-label={`Draft an invoice for ${of.number}`} onClick={() => void draft()}>
            Draft invoice
          </Button>
        )}
      </span>
      {wrong && (
        <p role="alert" className="basis-full rounded-md bg-danger-wash px-3 py-2 text-danger">
          {wrong}
        </p>
      )}
    </li>
  );
}
