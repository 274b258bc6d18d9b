/** All that one asks of a visit at a glance: when, who to call, how to get in. What one can do with it is in it. */

import { useQuery } from "@tanstack/react-query";
import { Phone, TriangleAlert, X } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { phone } from "@/ui/phone";
import { crewOf } from "@/work-orders/crew";
import * as clock from "./clock";
import { at, type Cell, type Picture, standing } from "./picture";
import { StatusIcon } from "./StatusIcon";
import { useBoard } from "./store";
import { VerbsMenu } from "./Verbs";
import { alertWords, driveWords, stateWords } from "./words";

const WIDE = 320;
const BANNERS = {
  do_not_service: "Do not service",
  credit_hold: "Credit hold",
  balance: "Owes money",
};

interface Shown {
  id: string;
  /** Whether it stays until it is closed; otherwise it goes with the pointer. */
  stays: boolean;
  near: DOMRect;
  /** Whether the keyboard goes into it. */
  enter: boolean;
}

/** The card beside what is pointed at, or beside what was opened. */
export function Cards() {
  const open = useBoard((all) => all.open);
  const placed = useBoard((all) => all.placed);
  const [hover, setHover] = useState<Shown | null>(null);
  const [pinned, setPinned] = useState<Shown | null>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const blockOf = (event: Event) =>
      (event.target as HTMLElement).closest?.<HTMLElement>(".visit[data-visit]");
    const later = (event: Event, after: number) => {
      const block = blockOf(event);
      clearTimeout(timer);
      if (document.body.dataset.dragging) return;
      if (!block) {
        if (!(event.target as HTMLElement).closest?.(".card")) timer = setTimeout(() => setHover(null), 200);
        return;
      }
      timer = setTimeout(
        () =>
          setHover({
            id: block.dataset.visit ?? "",
            stays: false,
            near: block.getBoundingClientRect(),
            enter: false,
          }),
        after,
      );
    };
    const point = (event: Event) => later(event, 350);
    const focus = (event: Event) =>
      (event.target as HTMLElement).matches?.(":focus-visible") && later(event, 700);
    const press = () => {
      clearTimeout(timer);
      setHover(null);
    };
    document.addEventListener("pointerover", point);
    document.addEventListener("focusin", focus);
    document.addEventListener("pointerdown", press);
    document.addEventListener("wheel", press, { passive: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerover", point);
      document.removeEventListener("focusin", focus);
      document.removeEventListener("pointerdown", press);
      document.removeEventListener("wheel", press);
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: brought into sight, it stands elsewhere
  useLayoutEffect(() => {
    if (open === null) {
      setPinned(null);
      return;
    }
    const block = document.querySelector<HTMLElement>(`.board [data-visit="${CSS.escape(open)}"]`);
    const near = block?.getBoundingClientRect() ?? new DOMRect(window.innerWidth / 2 - 100, 160, 200, 20);
    setPinned({ id: open, stays: true, near, enter: true });
    setHover(null);
  }, [open, placed]);

  const shown = pinned ?? hover;
  const picture = useBoard((all) => (shown ? all.picture : null));
  const cell = shown && picture?.cells[shown.id];
  if (!shown || !cell || !picture) return null;
  return <Card key={shown.id + shown.stays} cell={cell} picture={picture} shown={shown} />;
}

function Card({ cell, picture, shown }: { cell: Cell; picture: Picture; shown: Shown }) {
  const element = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);
  const visit = useQuery({
    queryKey: ["visits", cell.id, cell.version],
    queryFn: () => ask(api.GET("/api/v2/visits/{id}", { params: { path: { id: cell.id } } })),
  });
  const site = useQuery({
    queryKey: ["sites", cell.site_id],
    queryFn: () => ask(api.GET("/api/v2/sites/{id}", { params: { path: { id: cell.site_id } } })),
  });
  const zone = picture.meta.time_zone;
  const rows = Object.values(picture.rows);
  const stop = rows.map((row) => row.stops[cell.id]).find(Boolean);
  const alerts = rows.flatMap((row) => row.alerts[cell.id] ?? []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was read makes it longer
  useLayoutEffect(() => {
    const height = element.current?.offsetHeight ?? 0;
    const { near } = shown;
    const left = Math.max(8, Math.min(near.left, window.innerWidth - WIDE - 8));
    const below = near.bottom + 6;
    const top = below + height < window.innerHeight ? below : Math.max(8, near.top - height - 6);
    setPlace({ left, top });
  }, [shown, visit.data, site.data]);

  useEffect(() => {
    if (!shown.stays) return undefined;
    const before = document.activeElement as HTMLElement | null;
    if (shown.enter) element.current?.focus();
    const close = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) {
        event.preventDefault();
        useBoard.setState({ open: null });
      }
    };
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("keydown", close);
      if (before?.isConnected) before.focus();
    };
  }, [shown]);

  const time = (moment: string | null) => (moment ? clock.time(at(moment), zone) : "");
  const begins = standing(cell)?.start;
  // two clocks: each time says whose it is
  const elsewhere = begins !== undefined && clock.named(begins, cell.time_zone, zone) !== "";
  const access = site.data?.access_notes;
  const crew = visit.data && crewOf(visit.data);
  return (
    <div
      ref={element}
      role="dialog"
      aria-label={`${cell.customer}, ${cell.number}`}
      tabIndex={-1}
      className="card"
      data-stays={shown.stays}
      style={{ width: WIDE, ...(place ?? { left: -9999, top: 0 }) }}
    >
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <p className="font-semibold">{cell.customer}</p>
          <p className="text-muted text-sm">
            <span className="tabular">{cell.number}</span> · {cell.job_type}
          </p>
        </div>
        <span className="status" data-state={cell.status}>
          <StatusIcon cell={cell} /> {stateWords(cell)}
        </span>
        {shown.stays && (
          <Button
            look="plain"
            aria-label="Close"
            className="w-control px-0!"
            onClick={() => useBoard.setState({ open: null })}
          >
            <X size={14} aria-hidden />
          </Button>
        )}
      </div>
      {cell.summary && <p className="mt-1">{cell.summary}</p>}
      {alerts.map((one) => (
        <p key={one.code} className="mt-1 flex items-center gap-1 text-danger">
          <TriangleAlert size={13} aria-hidden /> {alertWords(one)}
        </p>
      ))}
      {cell.warnings.map((one) => (
        <p key={one.code + one.detail} className="mt-1 flex gap-1 text-warn">
          <TriangleAlert size={13} aria-hidden className="mt-1 shrink-0" /> {one.detail}
        </p>
      ))}
      <dl className="facts">
        {cell.promised_start && cell.promised_end && (
          <Fact name="Promised">
            {clock.told(at(cell.promised_start), at(cell.promised_end), cell.time_zone, zone)}
            {cell.confirmed_at ? ", confirmed" : ""}
          </Fact>
        )}
        {cell.planned_start && cell.planned_end ? (
          <Fact name="Planned">
            {clock.told(at(cell.planned_start), at(cell.planned_end), zone, zone)}
            {elsewhere && ` ${clock.zoneName(at(cell.planned_start), zone)}`}
          </Fact>
        ) : (
          <Fact name="Takes">{clock.length(cell.duration_minutes)}</Fact>
        )}
        {stop && !cell.finished_at && (
          <Fact name="Expected">{clock.span(at(stop.start), at(stop.end), zone)}</Fact>
        )}
        {cell.arrived_at && (
          <Fact name="Actual">
            arrived {time(cell.arrived_at)}
            {cell.finished_at ? `, done ${time(cell.finished_at)}` : ""}
          </Fact>
        )}
        {stop?.leave_at && !cell.travel_started_at && <Fact name="Drive">{driveWords(stop, zone)}</Fact>}
        {elsewhere && cell.planned_start && cell.planned_end && (
          <Fact name="At the site">
            {clock.told(at(cell.planned_start), at(cell.planned_end), cell.time_zone, zone)}
          </Fact>
        )}
        <Fact name="Phone">
          {cell.phone ? (
            <a className="tabular inline-flex items-center gap-1 text-accent" href={`tel:${cell.phone}`}>
              <Phone size={12} aria-hidden /> {phone(cell.phone)}
            </a>
          ) : (
            "none known"
          )}
        </Fact>
        <Fact name="Where">{site.data?.address ?? `${cell.street}, ${cell.city}`}</Fact>
        {access && <Fact name="Access">{access}</Fact>}
        {visit.data?.instructions && <Fact name="To do">{visit.data.instructions}</Fact>}
        {crew && <Fact name="Who">{crew}</Fact>}
        {cell.status_reason && <Fact name="Reason">{cell.status_reason}</Fact>}
      </dl>
      {visit.data?.banners.map((one) => (
        <p key={one.kind} className="mt-1 text-warn">
          {BANNERS[one.kind]}
          {one.reason ? `: ${one.reason}` : ""}
        </p>
      ))}
      {shown.stays && visit.data && !picture.meta.as_of && (
        <div className="mt-2 flex justify-end">
          <VerbsMenu cell={cell} visit={visit.data} />
        </div>
      )}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
