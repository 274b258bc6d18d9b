/** An event where it was dropped, before the server has said so: pure, as the picture is. */

import { at, type Lane, laneRow, type Picture } from "./picture";

export interface Shift {
  id: string;
  /** The lane it leaves, and the one it comes to: the same, where only its time is another. */
  from: string;
  to: string;
  start: number;
  end: number;
}

/** With the event where it goes, for whoever else takes part as well; the way to it is not known yet. */
export function shifted(picture: Picture, { id, from, to, start, end }: Shift): Picture {
  const events = Object.values(picture.lanes).flatMap((lane) => lane.days.flatMap((day) => day.events));
  const known = events.find((one) => one.id === id);
  if (!known) return picture;
  const moment = (time: number) => new Date(time).toISOString().replace(".000Z", "Z");
  const there = { ...known, start: moment(start), end: moment(end) };
  const lanes = { ...picture.lanes };
  const rows = { ...picture.rows };
  for (const lane of Object.values(picture.lanes)) {
    const takesPart = lane.days.some((day) => day.events.some((one) => one.id === id));
    if (!takesPart && lane.id !== to) continue;
    const stays = lane.id === to || lane.id !== from;
    const days = lane.days.map((day) => ({
      ...day,
      stops: day.stops.filter((stop) => stop.event_id !== id),
      events: [
        ...day.events.filter((one) => one.id !== id),
        ...(stays && start < at(day.end) && end > at(day.start) ? [there] : []),
      ],
    }));
    const now: Lane = { ...lane, days };
    lanes[lane.id] = now;
    rows[lane.id] = laneRow(now, picture.cells);
  }
  return { ...picture, lanes, rows };
}

/** It was refused: the lanes are again as they were, save those that were read since. */
export function shiftedBack(picture: Picture, before: Picture, shown: Picture): Picture {
  const lanes = { ...picture.lanes };
  const rows = { ...picture.rows };
  for (const [id, was] of Object.entries(before.lanes)) {
    if (shown.lanes[id] === was || picture.lanes[id] !== shown.lanes[id]) continue;
    lanes[id] = was;
    rows[id] = laneRow(was, picture.cells);
  }
  return { ...picture, lanes, rows };
}
