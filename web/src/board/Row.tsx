/** A lane: who it is, how full the day is, when they work, and what stands on it. */

import { Fragment, memo } from "react";
import * as clock from "./clock";
import { type Axis, xOf } from "./geometry";
import { at, type Row as Laid, type Lane, UNASSIGNED, WITHOUT } from "./picture";
import { useBoard, useRow } from "./store";
import { Visit } from "./Visit";
import { about, driveWords } from "./words";

export const TRACK = 42;
/** Of visits that nobody comes to: they are many, and have no drives. */
export const LOW = 24;
/** More of them than this stand in the tray. */
export const MOST_LOW = 4;
const TOP = 5;

export function heightOf(id: string, row: Laid | undefined): number {
  const tracks = row?.tracks ?? 1;
  if (id !== UNASSIGNED && id !== WITHOUT) return tracks * TRACK + 2;
  return row?.items.length ? Math.min(tracks, MOST_LOW) * LOW + 8 : 26;
}

interface Props {
  id: string;
  top: number;
  height: number;
  axis: Axis;
  width: number;
  /** Only what lies in between is drawn. */
  from: number;
  to: number;
  zone: string;
}

export const Row = memo(function Row({ id, top, height, axis, width, from, to, zone }: Props) {
  const lane = useBoard((shown) => shown.picture?.lanes[id]);
  const row = useRow(id);
  if (!row) return null;
  const low = !lane;
  const name = lane?.name ?? (id === UNASSIGNED ? "Unassigned" : "Without one");
  const seen = row.items.filter((one) => one.end > from && one.start < to && (!low || one.track < MOST_LOW));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is not what a lane is
    <div
      role="group"
      aria-label={name}
      className="lane"
      data-row={id}
      style={{ top, height, width: `calc(var(--lane) + ${width}px)` }}
    >
      {lane && <Background lane={lane} axis={axis} from={from} to={to} zone={zone} />}
      <div className="lane-grid" style={{ left: "var(--lane)" }} />
      {lane ? <Head lane={lane} zone={zone} /> : <LowHead name={name} row={row} />}
      <div className="absolute inset-y-0" style={{ left: "var(--lane)", width }}>
        {lane && <Beside lane={lane} axis={axis} from={from} to={to} zone={zone} />}
        {seen.map((item) => {
          const x = xOf(axis, item.start);
          const wide = Math.max(14, xOf(axis, item.end) - x - 1);
          const y = low ? TOP - 1 + item.track * LOW : TOP + item.track * TRACK;
          return (
            <Fragment key={item.id}>
              {lane && <Times id={item.id} row={row} axis={axis} y={y} zone={zone} />}
              <Visit
                id={item.id}
                lane={id}
                who={name}
                zone={zone}
                x={x}
                y={y}
                width={wide}
                height={low ? LOW - 3 : TRACK - 9}
                stop={row.stops[item.id]}
                alerts={row.alerts[item.id] ?? NONE}
              />
            </Fragment>
          );
        })}
      </div>
    </div>
  );
});

const NONE: never[] = [];

interface BoxProps {
  lane: Lane;
  axis: Axis;
  from: number;
  to: number;
  zone: string;
}

function Background({ lane, axis, from, to, zone }: BoxProps) {
  return (
    <div className="absolute inset-y-0 right-0" style={{ left: "var(--lane)" }}>
      {lane.days.map((day) => (
        <Fragment key={day.date}>
          {day.pieces.map((piece) => {
            const start = at(piece.start);
            const end = at(piece.end);
            if (end <= from || start >= to) return null;
            const works = piece.kind === "work" || piece.kind === "on_call";
            const style = { left: xOf(axis, start), width: xOf(axis, end) - xOf(axis, start) };
            return (
              <div
                key={`${piece.kind}${piece.start}`}
                className={works ? "on" : "off-why"}
                data-kind={piece.kind}
                title={works ? undefined : piece.name || piece.kind.replace("_", " ")}
                style={style}
              >
                {!works && style.width > 70 ? piece.name || piece.kind.replace("_", " ") : ""}
              </div>
            );
          })}
          {day.overtime.map((one) => (
            <div
              key={one.start}
              className="more-time"
              title="Overtime"
              style={{
                left: xOf(axis, at(one.start)),
                width: xOf(axis, at(one.end)) - xOf(axis, at(one.start)),
              }}
            />
          ))}
          {day.breaks.map((one) => (
            <div
              key={one.earliest}
              className="pause-any"
              title={`${one.minutes} min break, beginning ${clock.span(at(one.earliest), at(one.latest), zone)}`}
              style={{
                left: xOf(axis, at(one.earliest)),
                width: xOf(axis, at(one.latest) + one.minutes * 60_000) - xOf(axis, at(one.earliest)),
              }}
            />
          ))}
        </Fragment>
      ))}
    </div>
  );
}

/** What is there beside visits: events, holds, time one may not see into; and the drives. */
function Beside({ lane, axis, from, to, zone }: BoxProps) {
  const within = (one: { start: string; end: string }) => at(one.end) > from && at(one.start) < to;
  const box = (one: { start: string; end: string }) => ({
    left: xOf(axis, at(one.start)),
    width: Math.max(6, xOf(axis, at(one.end)) - xOf(axis, at(one.start)) - 1),
    top: TOP,
    height: TRACK - 9,
  });
  return lane.days.map((day) => (
    <Fragment key={day.date}>
      {day.stops.map((stop) => {
        if (stop.leave_at === null || stop.drive_minutes === null) return null;
        const begins = at(stop.leave_at);
        const ends = at(stop.arrive);
        if (ends <= begins || ends <= from || begins >= to) return null;
        const wide = xOf(axis, ends) - xOf(axis, begins);
        const cell = stop.visit_id ? useBoard.getState().picture?.cells[stop.visit_id] : undefined;
        const words = about(stop);
        return (
          <div
            key={stop.visit_id ?? stop.event_id}
            className="leg"
            data-gone={cell?.travel_started_at ? true : undefined}
            title={driveWords(stop, zone)}
            style={{ left: xOf(axis, begins), width: wide, top: TOP + 5 }}
          >
            {wide > words.length * 6.5 + 4 ? words : ""}
          </div>
        );
      })}
      {day.events.filter(within).map((one) => (
        <span
          key={one.id}
          className="chip"
          data-what="event"
          title={`${one.title}, ${clock.span(at(one.start), at(one.end), zone)}${one.place ? `, ${one.place}` : ""}`}
          style={box(one)}
        >
          {box(one).width > 40 ? one.title : ""}
        </span>
      ))}
      {day.holds.filter(within).map((one) => (
        <span
          key={one.id}
          className="chip"
          data-what="hold"
          title={`Held ${clock.span(at(one.start), at(one.end), zone)}, until ${clock.time(at(one.expires_at), zone)}`}
          style={box(one)}
        >
          {box(one).width > 40 ? "Held" : ""}
        </span>
      ))}
      {day.busy.filter(within).map((one) => (
        <span
          key={one.start}
          className="chip"
          data-what="busy"
          title={`Busy ${clock.span(at(one.start), at(one.end), zone)}`}
          style={box(one)}
        >
          {box(one).width > 40 ? "Busy" : ""}
        </span>
      ))}
    </Fragment>
  ));
}

/** Above a visit what was promised, beneath it what will come of it or came. */
function Times({ id, row, axis, y, zone }: { id: string; row: Laid; axis: Axis; y: number; zone: string }) {
  const cell = useBoard((shown) => shown.picture?.cells[id]);
  if (!cell || cell.status === "canceled") return null;
  const stop = row.stops[id];
  const line = (start: number, end: number) => ({
    left: xOf(axis, start),
    width: Math.max(3, xOf(axis, end) - xOf(axis, start)),
  });
  const arrives = stop ? at(stop.arrive) : at(cell.planned_start);
  const missed = cell.promised_end ? arrives > at(cell.promised_end) : false;
  const began = cell.arrived_at ?? cell.started_at;
  const off = stop && Math.abs(at(stop.start) - at(cell.planned_start)) >= 60_000;
  const longer = stop && Math.abs(at(stop.end) - at(cell.planned_end)) >= 60_000;
  return (
    <>
      {cell.promised_start && cell.promised_end && (
        <div
          className="window"
          data-missed={missed || undefined}
          title={`Promised ${clock.span(at(cell.promised_start), at(cell.promised_end), zone)}`}
          style={{ ...line(at(cell.promised_start), at(cell.promised_end)), top: y - 4 }}
        />
      )}
      {stop && (began || off || longer) && (
        <div
          className="expected"
          data-actual={began ? true : undefined}
          title={`Expected ${clock.span(at(stop.start), at(stop.end), zone)}`}
          style={{ ...line(at(stop.start), at(stop.end)), top: y + TRACK - 8 }}
        />
      )}
    </>
  );
}

function Head({ lane, zone }: { lane: Lane; zone: string }) {
  const day = lane.days[0];
  const totals = day?.totals;
  return (
    <div className="lane-head" data-name={lane.id} style={{ "--mark": lane.color ?? undefined } as object}>
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
    </div>
  );
}

const short = (minutes: number) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;

function LowHead({ name, row }: { name: string; row: Laid }) {
  const hidden = row.items.filter((one) => one.track >= MOST_LOW).length;
  return (
    <div className="lane-head" data-name="">
      <div className="lane-name">
        <span>{name}</span>
        <span className="tabular rounded-full bg-sunken px-1.5 font-normal text-muted text-sm">
          {row.items.length}
        </span>
      </div>
      {hidden > 0 && <div className="lane-more">{hidden} more in the tray</div>}
    </div>
  );
}
