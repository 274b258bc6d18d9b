/** Who the lanes are and how full their day is: one column that stays at the left while the hours go by. One, as each
 * element that stays is a layer of its own to the browser, and with one on every lane each frame costs twice as much. */

import { memo } from "react";
import * as clock from "./clock";
import type { Sizes } from "./DayBoard";
import { NoteMark } from "./NoteMark";
import { at, type Row as Laid, type Lane } from "./picture";
import { MOST_LOW, nameOf } from "./Row";
import { useBoard, useRow } from "./store";

interface Props {
  sizes: Sizes;
  /** The first and the last that are drawn. */
  from: number;
  to: number;
  zone: string;
}

export const Heads = memo(function Heads({ sizes, from, to, zone }: Props) {
  const drawn = sizes.ids.slice(from, to + 1);
  return (
    <ul aria-label="Lanes" className="lane-heads" style={{ height: sizes.total }}>
      {drawn.map((id, n) => (
        <One
          key={id}
          id={id}
          zone={zone}
          top={sizes.starts[from + n] as number}
          height={sizes.heights[from + n] as number}
        />
      ))}
    </ul>
  );
});

const One = memo(function One({
  id,
  zone,
  top,
  height,
}: {
  id: string;
  zone: string;
  top: number;
  height: number;
}) {
  const lane = useBoard((shown) => shown.picture?.lanes[id]);
  const row = useRow(id);
  if (!row) return null;
  return (
    <li
      className="lane-head"
      data-name={lane?.id ?? ""}
      style={{ top, height, "--mark": lane?.color ?? undefined } as object}
    >
      {lane ? <Head lane={lane} zone={zone} /> : <LowHead name={nameOf(id)} row={row} />}
    </li>
  );
});

function Head({ lane, zone }: { lane: Lane; zone: string }) {
  const day = lane.days[0];
  const totals = day?.totals;
  const people = useBoard((shown) => shown.picture?.meta.by === "technicians");
  return (
    <>
      {people && day && <NoteMark day={day.date} technician={lane.id} whose={lane.name} />}
      <div className="lane-name">
        <span title={lane.name}>{lane.name}</span>
        {lane.time_zone !== zone && day && (
          <span className="font-normal text-muted text-sm">
            {clock.zoneName(at(day.start), lane.time_zone)}
          </span>
        )}
        {!lane.active && <span className="font-normal text-muted text-sm">inactive</span>}
      </div>
      <div className="lane-more">
        {!day?.known && <span>no shift known</span>}
        {totals && day?.known && (
          <>
            <span title="Drives, from and to home too">↝ {short(totals.drive_minutes)}</span>
            <span title="Time in the shift with nothing to do">idle {short(totals.idle_minutes)}</span>
            {totals.overtime_minutes > 0 && (
              <span className="too-much" title="Beyond the shift">
                over {short(totals.overtime_minutes)}
              </span>
            )}
          </>
        )}
        {!totals && day?.known && <span>partly hidden</span>}
      </div>
    </>
  );
}

const short = (minutes: number) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;

function LowHead({ name, row }: { name: string; row: Laid }) {
  const hidden = row.items.filter((one) => one.track >= MOST_LOW).length;
  return (
    <>
      <div className="lane-name">
        <span>{name}</span>
        <span className="tabular rounded-full bg-sunken px-1.5 font-normal text-muted text-sm">
          {row.items.length}
        </span>
      </div>
      {hidden > 0 && <div className="lane-more">{hidden} more in the tray</div>}
    </>
  );
}
