/** What waits is given to somebody: to whom, on which day, and from when; unless one says so, into the first gap. */

import { useEffect, useMemo, useState } from "react";
import { create } from "zustand";
import { Button } from "@/ui/Button";
import { Combobox, type Option } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { instantOf } from "@/ui/wall";
import * as clock from "./clock";
import { dropOn, put } from "./deeds";
import { dragOf, firstGap } from "./gaps";
import { MINUTE } from "./geometry";
import { at, type Cell, dayOf, type Picture, standing } from "./picture";
import { useOverrulable } from "./refusing";
import { serverNow, useBoard } from "./store";

const useGiven = create<{ cell: Cell | null }>()(() => ({ cell: null }));

/** Ask to whom it goes. */
export const give = (cell: Cell): void => useGiven.setState({ cell });

export function Give() {
  const cell = useGiven((one) => one.cell);
  const picture = useBoard((shown) => shown.picture);
  useEffect(() => () => useGiven.setState({ cell: null }), []);
  if (!cell || !picture) return null;
  return (
    <Whom key={cell.id} cell={cell} picture={picture} onClose={() => useGiven.setState({ cell: null })} />
  );
}

const optionOf = (picture: Picture, id: string | undefined): Option | null =>
  id && picture.lanes[id] ? { id, text: picture.lanes[id].name } : null;

/** The day of what was promised or planned, where that is still to come; or the one that is looked at. */
function dayFor(picture: Picture, cell: Cell): string {
  const zone = picture.meta.time_zone;
  const span = standing(cell);
  const wanted = span ? clock.dateIn(span.start, zone) : "";
  return wanted >= clock.dateIn(serverNow(), zone) ? wanted : dayOf(picture.meta, serverNow());
}

function Whom({ cell, picture, onClose }: { cell: Cell; picture: Picture; onClose: () => void }) {
  const { by, time_zone: zone, days } = picture.meta;
  const drag = dragOf(picture);
  const first = useMemo(
    () => (drag && days.length === 1 ? firstGap(picture, drag, cell, picture.order) : null),
    [picture, drag, cell, days],
  );
  const [chosen, setWho] = useState<Option | null | undefined>();
  const [day, setDay] = useState(() => dayFor(picture, cell));
  const [from, setFrom] = useState("");
  const [busy, setBusy] = useState(false);
  const shown = days.length === 1 && days[0]?.date === day;
  const who = chosen === undefined ? optionOf(picture, shown ? first?.lane : undefined) : chosen;
  const gap = useMemo(
    () => (shown && drag && who ? firstGap(picture, drag, cell, [who.id]) : null),
    [picture, drag, cell, shown, who],
  );
  // by crews and by vehicles nobody looks for a gap
  const seeks = by === "technicians";

  function putAt(time: string, to: string): Promise<boolean> {
    const start = Date.parse(instantOf(`${day}T${time}`, zone));
    return put(cell, { start, end: start + cell.duration_minutes * MINUTE, from: null, to });
  }

  async function go() {
    if (!who) return;
    setBusy(true);
    const done = await (from ? putAt(from, who.id) : dropOn(cell, null, who.id, day));
    setBusy(false);
    if (done || useOverrulable.getState().asked) onClose();
  }

  const promised =
    cell.promised_start && cell.promised_end
      ? ` Promised ${clock.told(at(cell.promised_start), at(cell.promised_end), cell.time_zone, zone)}.`
      : "";
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Give ${cell.customer} to`}
      about={`${cell.number}, ${cell.job_type}, ${clock.length(cell.duration_minutes)}.${promised}`}
      actions={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button
            look="primary"
            type="submit"
            form="give"
            busy={busy}
            disabled={!who || !day || !(from || seeks)}
          >
            Give it
          </Button>
        </>
      }
    >
      <form
        id="give"
        className="grid grid-cols-2 gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <Combobox
          className="col-span-2"
          label={by === "technicians" ? "Technician" : by === "crews" ? "Crew" : "Vehicle"}
          autoFocus
          required
          value={who}
          onChange={setWho}
          queryKey={["board-lanes", picture.order]}
          load={async (typed) =>
            picture.order
              .flatMap((id) => optionOf(picture, id) ?? [])
              .filter((one) => one.text.toLowerCase().includes(typed.toLowerCase()))
          }
          nothing={(typed) => `Nobody here is called “${typed}”.`}
        />
        <Field
          label="Day"
          type="date"
          required
          value={day}
          onChange={(event) => setDay(event.target.value)}
        />
        <Field
          label={seeks ? "From (empty: the first gap)" : "From"}
          type="time"
          required={!seeks}
          value={from}
          hint={gap ? `The first gap is at ${clock.time(gap.start, zone)}.` : `On the clock of the board.`}
          onChange={(event) => setFrom(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
