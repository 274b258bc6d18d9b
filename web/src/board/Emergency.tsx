/** An emergency onto a board that is full: who could take it, and who would give way. Nobody is displaced whom the
 * dispatcher has not seen here. */

import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { create } from "zustand";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Skeleton } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import * as clock from "./clock";
import { doIt, ready } from "./deeds";
import { isUnmade } from "./making";
import { at, type Cell, dayOf } from "./picture";
import { pictured, serverNow } from "./store";

type Proposal = Schemas["ProposalOut"];
type Displaced = Schemas["DisplacedOut"];

/** The one for which somebody is looked for. */
const useUrged = create<{ cell: Cell | null }>()(() => ({ cell: null }));

/** Ask for whoever could take it now. */
export const urge = (cell: Cell): void => useUrged.setState({ cell });

const letGo = (cell: Cell): void => useUrged.setState((now) => (now.cell === cell ? { cell: null } : now));

export function Emergency() {
  const cell = useUrged((one) => one.cell);
  useEffect(() => () => useUrged.setState({ cell: null }), []);
  if (!cell) return null;
  return <Ways key={cell.id} cell={cell} onClose={() => letGo(cell)} />;
}

function Ways({ cell, onClose }: { cell: Cell; onClose: () => void }) {
  const { meta } = pictured();
  const zone = meta.time_zone;
  const [date] = useState(() => dayOf(meta, serverNow()));
  const made = useRef<Cell | null>(null);
  const left = useRef(false);
  const [chosen, setChosen] = useState(0);
  const [busy, setBusy] = useState(false);
  const asked = useQuery({
    queryKey: ["board-emergency", cell.id, date],
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: async () => {
      // made once, however often it is asked who could take it
      if (!made.current) {
        made.current = await ready(cell);
        if (left.current) said();
      }
      const visit = made.current;
      const body = { visit_id: visit.id, day: date };
      const found = await ask(api.POST("/api/v2/board/emergency", { body } as never));
      return { visit, found: found as unknown as Schemas["ProposalsOut"] };
    },
  });
  const proposals = asked.data?.found.proposals ?? [];
  const way = proposals[chosen];

  async function insert() {
    if (!asked.data || !way) return;
    setBusy(true);
    const { visit, found } = asked.data;
    const done = await doIt({
      visit: { ...visit, version: found.version },
      verb: "insert",
      body: {
        technician_ids: [way.technician_id],
        start: way.start,
        accept: way.displaces.map((one) => ({
          visit_id: one.visit_id,
          version: one.version,
          becomes_start: one.becomes_start,
        })),
      },
      words: `${cell.customer} is put in at ${clock.time(at(way.start), zone)} with ${way.name}. ${giveWay(way)}`,
      lanes: [way.technician_id],
      // now, or all the same once a reason was given
      done: onClose,
    });
    setBusy(false);
    // somebody has moved one of them meanwhile: these are not the ways any more
    if (!done) void asked.refetch().then(() => setChosen(0));
  }

  /** Whoever only looked is told of what looking has made. */
  function said() {
    if (isUnmade(cell.id)) toast({ text: `${cell.number} has a visit now, which waits in the tray.` });
  }

  function leave() {
    left.current = true;
    if (made.current) said();
    onClose();
  }

  return (
    <Dialog
      open
      wide
      onClose={leave}
      title={`Emergency: ${cell.customer}`}
      about={`${cell.number}, ${cell.job_type}, ${cell.street}, ${cell.city}. ${clock.length(cell.duration_minutes)}. Times are ${clock.zoneName(at(way?.start) || Date.now(), zone)}.`}
      actions={
        <>
          <Button onClick={leave}>Cancel</Button>
          <Button
            look={way?.promises_broken ? "danger" : "primary"}
            busy={busy}
            disabled={!way}
            onClick={() => void insert()}
          >
            {way?.displaces.length ? `Insert, and let ${way.displaces.length} give way` : "Insert"}
          </Button>
        </>
      }
    >
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : asked.isPending ? (
        <Skeleton rows={3} label="Asking who could take it" />
      ) : proposals.length === 0 ? (
        <p className="text-muted">
          Nobody could take it on this day: whoever can do this work is busy with what gives way to nobody, or
          does not work. Try another day, or another technician by hand.
        </p>
      ) : (
        <div role="radiogroup" aria-label="Who could take it" className="flex flex-col gap-2">
          {proposals.map((one, place) => (
            <Way
              key={one.technician_id}
              of={one}
              zone={zone}
              checked={place === chosen}
              onChoose={() => setChosen(place)}
            />
          ))}
        </div>
      )}
    </Dialog>
  );
}

function giveWay({ displaces, promises_broken: broken }: Proposal): string {
  if (!displaces.length) return "Nobody gives way.";
  const words = displaces.length === 1 ? "1 visit gives way" : `${displaces.length} visits give way`;
  const promises = broken === 1 ? "1 promise is broken" : `${broken} promises are broken`;
  return `${words}${broken ? `; ${promises}` : ""}.`;
}

interface WayProps {
  of: Proposal;
  zone: string;
  checked: boolean;
  onChoose: () => void;
}

function Way({ of, zone, checked, onChoose }: WayProps) {
  return (
    <div className="rounded-md border border-line has-checked:border-accent has-checked:bg-accent-wash">
      <label className="flex cursor-pointer flex-wrap items-baseline gap-x-2 px-3 py-2">
        <input type="radio" name="way" className="self-center" checked={checked} onChange={onChoose} />
        <span className="font-semibold">{of.name}</span>
        <span className="tabular">{clock.span(at(of.start), at(of.end), zone)}</span>
        <span className="tabular text-muted">{clock.length(of.drive_minutes)} drive</span>
        <span
          className={`ml-auto text-sm ${of.promises_broken ? "font-semibold text-danger" : "text-muted"}`}
        >
          {giveWay(of)}
        </span>
      </label>
      {of.displaces.length > 0 && (
        <ul className="border-line border-t px-3 py-1">
          {of.displaces.map((one) => (
            <li key={one.visit_id} className="flex flex-wrap items-baseline gap-x-2 py-0.5 text-sm">
              <span className="font-medium">{one.customer}</span>
              <span className="tabular text-muted">{one.work_order_number}</span>
              <span className="tabular">
                {clock.time(at(one.planned_start), zone)} → {becomes(one, zone)}
              </span>
              {one.breaks_promise && one.promised_end && (
                <span className="flex items-center gap-1 text-danger">
                  <TriangleAlert size={12} aria-hidden /> promised until{" "}
                  {clock.time(at(one.promised_end), zone)}
                </span>
              )}
              {one.confirmed && <span className="text-muted">confirmed by the customer</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const becomes = (one: Displaced, zone: string): string =>
  one.becomes_start
    ? `${clock.time(at(one.becomes_start), zone)} (${clock.length(one.minutes_later ?? 0)} later)`
    : "the tray";
