import { describe, expect, it } from "vitest";
import { at, type Board, type Lane, pictureOf } from "./picture";
import { shifted, shiftedBack } from "./shifted";

const NINE = Date.parse("2026-11-23T15:00:00Z");
const HOUR = 3_600_000;
const TALK = { id: "talk", title: "Talk", start: "2026-11-23T15:00:00Z", end: "2026-11-23T16:00:00Z" };

const lane = (id: string, ...events: object[]): Lane =>
  ({
    id,
    name: id,
    days: [
      {
        date: "2026-11-23",
        start: "2026-11-23T06:00:00Z",
        end: "2026-11-24T06:00:00Z",
        pieces: [],
        visit_ids: [],
        stops: events.map(() => ({ event_id: "talk", visit_id: null })),
        alerts: [],
        events,
        holds: [],
      },
    ],
  }) as unknown as Lane;

const board = () =>
  pictureOf({
    days: [],
    lanes: [lane("ana", TALK), lane("ben", TALK), lane("cleo")],
    visits: [],
    unassigned: [],
    without_lane: [],
    alerts: [],
  } as unknown as Board);

const starts = (of: Lane | undefined) => of?.days.flatMap((day) => day.events).map((one) => at(one.start));

describe("an event that was dropped", () => {
  const later = { id: "talk", from: "ana", start: NINE + 2 * HOUR, end: NINE + 3 * HOUR };

  it("stands at its new time for all who take part, without the way there", () => {
    const { lanes, rows } = shifted(board(), { ...later, to: "ana" });
    expect(["ana", "ben", "cleo"].map((id) => starts(lanes[id]))).toEqual([[later.start], [later.start], []]);
    expect(rows.ana?.stops).toEqual({});
  });

  it("goes from one to another, and the others keep it", () => {
    const { lanes } = shifted(board(), { ...later, to: "cleo" });
    expect(["ana", "ben", "cleo"].map((id) => starts(lanes[id]))).toEqual([[], [later.start], [later.start]]);
  });

  it("is not on a day that it left, and nothing happens to one that is not there", () => {
    const { lanes } = shifted(board(), {
      ...later,
      to: "ana",
      start: NINE + 24 * HOUR,
      end: NINE + 25 * HOUR,
    });
    expect(starts(lanes.ana)).toEqual([]);
    const before = board();
    expect(shifted(before, { ...later, id: "other", to: "ana" })).toBe(before);
  });

  it("comes back where it is refused, but not over what was read since", () => {
    const before = board();
    const shown = shifted(before, { ...later, to: "cleo" });
    const read = lane("ben");
    const back = shiftedBack({ ...shown, lanes: { ...shown.lanes, ben: read } }, before, shown);
    expect(back.lanes).toEqual({ ...before.lanes, ben: read });
    expect(back.rows.ana).toEqual(before.rows.ana);
  });
});
