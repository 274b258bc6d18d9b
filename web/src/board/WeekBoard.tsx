/** A week: who does how much on which day. A cell holds the first few visits and how many more there are; a visit is
 * taken from one to another by the mouse, or held and moved by Alt and arrows. */

import { Fragment, useLayoutEffect, useRef } from "react";
import { useMinutesLeft } from "@/holds/holds";
import { leftWords } from "@/holds/left";
import * as clock from "./clock";
import { stage } from "./holding";
import { key as onKey, show } from "./keyboard";
import { openBeside } from "./LaneVerbs";
import { NoteMark } from "./NoteMark";
import { at, besideId, type Cell, type LaneDay, type Picture, standing, UNASSIGNED } from "./picture";
import { Spoken } from "./Spoken";
import { StatusIcon } from "./StatusIcon";
import { useBoard } from "./store";
import { movable } from "./Visit";
import { nameOf } from "./week";
import { spoken, state } from "./words";

const MOST = 3;

interface Props {
  today: string;
  /** Look at one day. */
  onDay: (date: string) => void;
}

export function WeekBoard(props: Props) {
  const picture = useBoard((shown) => shown.picture);
  return picture && <Week picture={picture} {...props} />;
}

function Week({ picture, today, onDay }: Props & { picture: Picture }) {
  const { days, time_zone: zone, by } = picture.meta;
  const loose = (ids: readonly string[], date: string): Cell[] =>
    ids
      .flatMap((id) => picture.cells[id] ?? [])
      .filter((cell) => {
        const span = standing(cell);
        return span && clock.dateIn(span.start, zone) === date;
      });
  const scroll = useRef<HTMLElement>(null);
  const monday = days[0]?.date;
  // where a week is wider than the screen it begins with today
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each week
  useLayoutEffect(() => {
    const element = scroll.current;
    const first = element?.querySelector<HTMLElement>("thead th");
    const now = element?.querySelector<HTMLElement>("th[data-today]");
    if (element && first) element.scrollLeft = now ? now.offsetLeft - first.offsetWidth : 0;
  }, [monday]);
  useLayoutEffect(() => {
    stage.element = scroll.current;
    stage.sizes = null;
  }, []);
  // the visit that the keyboard is on goes to another cell as another element: the keyboard goes along
  const on = useRef<string>(undefined);
  useLayoutEffect(() => {
    if (on.current === undefined || document.activeElement !== document.body) return;
    scroll.current
      ?.querySelector<HTMLElement>(`[data-visit="${CSS.escape(on.current)}"]`)
      ?.focus({ preventScroll: true });
  });
  return (
    <section
      ref={scroll}
      aria-label="Schedule of the week"
      className="week"
      onFocus={({ target }) => {
        on.current = target.closest<HTMLElement>("[data-visit]")?.dataset.visit;
      }}
      onBlur={() => {
        on.current = undefined;
      }}
      onKeyDown={(event) => {
        if (onKey(event.nativeEvent, show)) event.preventDefault();
      }}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{by === "technicians" ? "Technician" : by === "crews" ? "Crew" : "Vehicle"}</th>
            {days.map((one) => (
              <th key={one.date} scope="col" data-today={one.date === today || undefined}>
                <button type="button" onClick={() => onDay(one.date)}>
                  {clock.day(at(one.start), zone)}
                </button>
                <NoteMark day={one.date} technician={null} whose="everybody" />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Unassigned</th>
            {days.map((one) => (
              <td
                key={one.date}
                className="week-cell"
                data-spot={nameOf({ lane: UNASSIGNED, day: one.date })}
              >
                <Chips
                  cells={loose(picture.unassigned, one.date)}
                  lane={UNASSIGNED}
                  who="Nobody"
                  zone={zone}
                  onMore={() => onDay(one.date)}
                />
              </td>
            ))}
          </tr>
          {picture.order.map((id) => {
            const lane = picture.lanes[id];
            if (!lane) return null;
            return (
              <tr key={id}>
                <th scope="row">
                  <span style={{ "--mark": lane.color ?? "transparent" } as object}>{lane.name}</span>
                </th>
                {days.map((one) => {
                  const day = lane.days.find((its) => its.date === one.date);
                  return (
                    <td
                      key={one.date}
                      className="week-cell"
                      data-spot={nameOf({ lane: id, day: one.date })}
                      data-off={day ? isOff(day) : true}
                    >
                      {day && (
                        <Fragment>
                          {by === "technicians" && (
                            <NoteMark day={one.date} technician={id} whose={lane.name} />
                          )}
                          <Chips
                            cells={day.visit_ids.flatMap((its) => picture.cells[its] ?? [])}
                            lane={id}
                            who={lane.name}
                            zone={zone}
                            onMore={() => onDay(one.date)}
                          />
                          <Beside day={day} lane={id} zone={zone} />
                          {isOff(day) && day.visit_ids.length === 0 && (
                            <span className="text-muted text-sm">{whyOff(day)}</span>
                          )}
                          {day.busy.length > 0 && <span className="text-muted text-sm">Busy</span>}
                        </Fragment>
                      )}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

const isOff = (day: LaneDay): boolean => !day.pieces.some((one) => one.kind === "work");

function whyOff(day: LaneDay): string {
  const why = day.pieces.find((one) => one.kind === "time_off" || one.kind === "holiday");
  return why ? why.name || why.kind.replace("_", " ") : day.known ? "does not work" : "no shift known";
}

/** What stands there beside visits: events, and times that are held. */
function Beside({ day, lane, zone }: { day: LaneDay; lane: string; zone: string }) {
  return (
    <>
      {day.events.map((one) => (
        <button
          key={one.id}
          type="button"
          className="chip week-beside"
          data-what="event"
          data-beside={besideId("event", one.id)}
          data-lane={lane}
          title={`${one.title}, ${clock.span(at(one.start), at(one.end), zone)}${one.place ? `, ${one.place}` : ""}`}
          onClick={(event) => openBeside(event.currentTarget)}
        >
          {clock.time(at(one.start), zone)} {one.title}
        </button>
      ))}
      {day.holds.map((one) => (
        <HeldThere key={one.id} hold={one} lane={lane} zone={zone} />
      ))}
    </>
  );
}

function HeldThere({ hold, lane, zone }: { hold: LaneDay["holds"][number]; lane: string; zone: string }) {
  const left = useMinutesLeft(hold.expires_at);
  if (left === 0) return null;
  return (
    <button
      type="button"
      className="chip week-beside"
      data-what="hold"
      data-beside={besideId("hold", hold.id)}
      data-lane={lane}
      onClick={(event) => openBeside(event.currentTarget)}
    >
      {clock.time(at(hold.start), zone)} Held, {leftWords(left)}
    </button>
  );
}

function Chips({
  cells,
  lane,
  who,
  zone,
  onMore,
}: {
  cells: readonly Cell[];
  lane: string;
  who: string;
  zone: string;
  onMore: () => void;
}) {
  const sorted = [...cells].sort((a, b) => (standing(a)?.start ?? 0) - (standing(b)?.start ?? 0));
  const more = sorted.length - MOST;
  return (
    <>
      {sorted.slice(0, more === 1 ? MOST + 1 : MOST).map((cell) => {
        const start = standing(cell)?.start;
        return (
          <button
            key={cell.id}
            type="button"
            className="visit week-chip"
            data-visit={cell.id}
            data-state={state(cell)}
            data-lane={lane}
            data-fixed={!movable(cell) || undefined}
            onClick={() => useBoard.setState({ open: cell.id })}
          >
            <Spoken words={spoken(cell, who, zone, undefined, [])} />
            <span aria-hidden className="v-time">
              <StatusIcon cell={cell} />
              {start ? clock.time(start, zone) : ""}
              <span className="v-name">{cell.customer}</span>
            </span>
          </button>
        );
      })}
      {more > 1 && (
        <button type="button" className="week-more" onClick={onMore}>
          +{more}
          <span className="sr-only"> more; show the day</span>
        </button>
      )}
    </>
  );
}
