/** A lane: when they work, and what stands on it. Who it is stands in `Heads.tsx`. */

import { Fragment, memo } from "react";
import { useMinutesLeft } from "@/holds/holds";
import { leftWords } from "@/holds/left";
import * as clock from "./clock";
import { cutTo } from "./cutting";
import { type Axis, uncovered, xOf } from "./geometry";
import { at, besideId, type Row as Laid, type Lane, UNASSIGNED, WITHOUT } from "./picture";
import { Spoken } from "./Spoken";
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

/** Of a lane that is nobody's. */
export const nameOf = (id: string): string => (id === UNASSIGNED ? "Unassigned" : "Without one");

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
  const name = lane?.name ?? nameOf(id);
  const seen = row.items.filter((one) => one.end > from && one.start < to && (!low || one.track < MOST_LOW));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is not what a lane is
    <div role="group" aria-label={name} className="lane" data-row={id} style={{ top, height, width }}>
      {lane && <Background lane={lane} axis={axis} from={from} to={to} zone={zone} />}
      <div className="lane-grid" />
      {lane && <Beside lane={lane} row={row} axis={axis} from={from} to={to} zone={zone} />}
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

/** When they work. That is the same whatever becomes of the visits of the day. */
const Background = memo(function Background({ lane, axis, from, to, zone }: BoxProps) {
  return (
    <div className="absolute inset-0">
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
}, alikeBehind);

function alikeBehind(one: BoxProps, other: BoxProps): boolean {
  if (one.axis !== other.axis || one.from !== other.from || one.to !== other.to || one.zone !== other.zone)
    return false;
  const [days, others] = [one.lane.days, other.lane.days];
  return (
    days.length === others.length &&
    days.every(
      (day, n) =>
        day.pieces === others[n]?.pieces &&
        day.overtime === others[n]?.overtime &&
        day.breaks === others[n]?.breaks,
    )
  );
}

/** What is there beside visits: events, holds, time one may not see into; and the drives. */
function Beside({ lane, row, axis, from, to, zone }: BoxProps & { row: Laid }) {
  const within = (one: { start: string; end: string }) => at(one.end) > from && at(one.start) < to;
  const box = (one: { start: string; end: string }) => ({
    left: xOf(axis, at(one.start)),
    width: Math.max(6, xOf(axis, at(one.end)) - xOf(axis, at(one.start)) - 1),
    top: TOP,
    height: TRACK - 9,
  });
  const spanOf = (one: { start: string; end: string }) => clock.span(at(one.start), at(one.end), zone);
  const blocks = row.items.filter((one) => one.track === 0);
  return lane.days.map((day) => {
    const chips = [...day.events, ...day.holds, ...day.busy].map((one) => ({
      start: at(one.start),
      end: at(one.end),
    }));
    const above = [...blocks, ...chips].sort((one, other) => one.start - other.start);
    return (
      <Fragment key={day.date}>
        {day.stops.map((stop) => {
          if (stop.leave_at === null || stop.drive_minutes === null) return null;
          const begins = at(stop.leave_at);
          const ends = at(stop.arrive);
          if (ends <= begins || ends <= from || begins >= to) return null;
          const left = xOf(axis, begins);
          const wide = xOf(axis, ends) - left;
          const cell = stop.visit_id ? useBoard.getState().picture?.cells[stop.visit_id] : undefined;
          const words = about(stop);
          // the rest lies beneath what stands before and after: a drive that comes too late, a visit that takes longer
          const [first, last] = uncovered(begins, ends, above);
          const before = xOf(axis, first) - left;
          const free = xOf(axis, last) - xOf(axis, first);
          return (
            <div
              key={stop.visit_id ?? stop.event_id}
              className="leg tabular"
              data-gone={cell?.travel_started_at ? true : undefined}
              title={driveWords(stop, zone)}
              style={{
                left,
                width: wide,
                top: TOP + 5,
                paddingLeft: before,
                paddingRight: Math.max(0, wide - before - free),
              }}
            >
              {free > words.length * 6.5 + 4 ? words : ""}
            </div>
          );
        })}
        {day.events.filter(within).map((one) => (
          <Chip
            key={one.id}
            id={besideId("event", one.id)}
            lane={lane.id}
            what="event"
            words={one.title}
            told={`${one.title}, ${spanOf(one)}${one.place ? `, ${one.place}` : ""}`}
            more={one.place}
            box={box(one)}
          />
        ))}
        {day.holds.filter(within).map((one) => (
          <HeldChip key={one.id} hold={one} lane={lane.id} span={spanOf(one)} box={box(one)} />
        ))}
        {day.busy.filter(within).map((one) => (
          <Chip key={one.start} what="busy" words="Busy" told={`Busy ${spanOf(one)}`} box={box(one)} />
        ))}
      </Fragment>
    );
  });
}

interface ChipProps {
  /** What is opened, where it can be. */
  id?: string;
  lane?: string;
  what: "event" | "hold" | "busy";
  words: string;
  told: string;
  /** In a second line, where there is one. */
  more?: string | null;
  box: { left: number; width: number; top: number; height: number };
}

/** In less there is no room for words; and what stands around them, borders and padding. */
const LEAST = 40;
const AROUND = 12;
/** What "60 min" and "60 min left" take. */
const MINUTES = 58;
const WHOLE = 82;

/** Time that no visit takes; its words where they have room. */
function Chip({ id, lane, what, words, told, more, box }: ChipProps) {
  const focused = useBoard(
    (shown) => id !== undefined && shown.focus?.id === id && shown.focus.lane === lane,
  );
  if (id === undefined) {
    return (
      <span className="chip" data-what={what} title={told} style={box}>
        {box.width > LEAST ? words : ""}
      </span>
    );
  }
  return (
    <button
      type="button"
      className="chip"
      data-what={what}
      data-beside={id}
      data-lane={lane}
      aria-haspopup="dialog"
      title={told}
      tabIndex={focused ? 0 : -1}
      style={box}
    >
      <Spoken words={told} />
      <span aria-hidden className="chip-line">
        {box.width > LEAST ? cutTo(words, box.width - AROUND) : ""}
      </span>
      {more && box.width > LEAST && (
        <span aria-hidden className="chip-more">
          {cutTo(more, box.width - AROUND)}
        </span>
      )}
    </button>
  );
}

/** A time that is held, with the minutes that it still is; once they are over it is gone. */
function HeldChip({
  hold,
  lane,
  span,
  box,
}: {
  hold: Lane["days"][number]["holds"][number];
  lane: string;
  span: string;
  box: ChipProps["box"];
}) {
  const left = useMinutesLeft(hold.expires_at);
  if (left === 0) return null;
  return (
    <Chip
      id={besideId("hold", hold.id)}
      lane={lane}
      what="hold"
      words="Held"
      told={`Held ${span}, ${leftWords(left)}`}
      more={box.width >= WHOLE ? leftWords(left) : box.width >= MINUTES ? `${left} min` : null}
      box={box}
    />
  );
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
