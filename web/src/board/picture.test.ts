import { describe, expect, it } from "vitest";
import {
  type Board,
  type Cell,
  type Lane,
  lanesOf,
  leaving,
  patched,
  pictureOf,
  placed,
  takenBack,
  UNASSIGNED,
} from "./picture";

const MORNING = Date.parse("2026-11-23T14:00:00Z");
const HOUR = 3_600_000;
const iso = (time: number) => new Date(time).toISOString().replace(".000Z", "Z");

const cell = (id: string, start: number | null): Cell =>
  ({
    id,
    version: 1,
    status: start === null ? "unscheduled" : "scheduled",
    duration_minutes: 60,
    planned_start: start === null ? null : iso(start),
    planned_end: start === null ? null : iso(start + HOUR),
    promised_start: iso(MORNING),
    assigned: [],
  }) as unknown as Cell;

const lane = (id: string, visits: string[]): Lane =>
  ({
    id,
    name: id,
    days: [
      {
        date: "2026-11-23",
        start: "2026-11-23T06:00:00Z",
        end: "2026-11-24T06:00:00Z",
        pieces: [],
        visit_ids: visits,
        stops: [],
        alerts: [],
      },
    ],
  }) as unknown as Lane;

const board = () =>
  pictureOf({
    date: "2026-11-23",
    days: [{ date: "2026-11-23", start: "2026-11-23T06:00:00Z", end: "2026-11-24T06:00:00Z", minutes: 1440 }],
    seq: 7,
    now: "2026-11-23T14:00:00Z",
    lanes: [lane("ana", ["a"]), lane("ben", ["b"]), lane("cleo", [])],
    visits: [cell("a", MORNING), cell("b", MORNING + HOUR), cell("c", null)],
    unassigned: ["c"],
    without_lane: [],
    alerts: [],
  } as unknown as Board);

describe("a patch", () => {
  it("puts in place what it names, and leaves the rows of others as they were", () => {
    const before = board();
    const after = patched(
      before,
      {
        seq: 8,
        now: "2026-11-23T14:01:00Z",
        visits: [{ ...cell("a", MORNING + 2 * HOUR), version: 2 }],
        gone: [],
        unassigned: [],
        without_lane: [],
        alerts: [],
        lanes: [lane("ana", []), lane("cleo", ["a"])],
      } as never,
      new Set(["a"]),
    );
    expect(after.rows.ana?.items).toEqual([]);
    expect(after.rows.cleo?.items.map((one) => [one.id, one.start])).toEqual([["a", MORNING + 2 * HOUR]]);
    expect(after.rows.ben).toBe(before.rows.ben);
    expect(after.rows[UNASSIGNED]).toBe(before.rows[UNASSIGNED]);
    expect(after.cells.b).toBe(before.cells.b);
    expect(lanesOf(after, new Set(["a"]))).toEqual(["cleo"]);
  });
  it("takes away what is gone, and puts it among those that nobody comes to where it says so", () => {
    const reply = {
      seq: 8,
      now: "2026-11-23T14:01:00Z",
      visits: [],
      unassigned: [],
      without_lane: [],
      alerts: [],
    };
    const gone = patched(board(), { ...reply, gone: ["c"], lanes: [] } as never, new Set(["c"]));
    expect([gone.unassigned, gone.cells.c, gone.rows[UNASSIGNED]?.items]).toEqual([[], undefined, []]);
    const loose = patched(
      board(),
      { ...reply, gone: [], visits: [cell("b", null)], unassigned: ["b"], lanes: [lane("ben", [])] } as never,
      new Set(["b"]),
    );
    expect(loose.unassigned).toEqual(["c", "b"]);
    expect(loose.rows[UNASSIGNED]?.items.map((one) => one.track)).toEqual([0, 1]);
  });
});

describe("what nobody has room for", () => {
  const oversold = { code: "window_oversold", visit_id: "c", minutes: 0, cause_visit_id: null };
  const reply = { seq: 8, now: "2026-11-23T14:01:00Z", visits: [], gone: [], lanes: [] };

  it("is said with every patch, of lanes alone too", () => {
    const patch = { ...reply, unassigned: [], without_lane: [], alerts: [oversold] };
    const after = patched(board(), patch as never, new Set());
    expect(after.rows[UNASSIGNED]?.alerts).toEqual({ c: [oversold] });
    expect(patched(after, { ...patch, alerts: [] } as never, new Set()).rows[UNASSIGNED]?.alerts).toEqual({});
  });
});

describe("a drop", () => {
  it("is shown at once where it will be", () => {
    const before = board();
    const visit = before.cells.c as Cell;
    const after = placed(before, visit, { start: MORNING, end: MORNING + HOUR, from: null, to: "cleo" });
    expect(after.unassigned).toEqual([]);
    expect(after.cells.c?.status).toBe("scheduled");
    expect(after.rows.cleo?.items.map((one) => [one.id, one.start])).toEqual([["c", MORNING]]);
    expect(before.rows.cleo?.items).toEqual([]);
  });
});

describe("a refusal", () => {
  const drop = { start: MORNING, end: MORNING + HOUR, from: null, to: "cleo" };
  const reply = { seq: 8, now: "2026-11-23T14:01:00Z", unassigned: [], without_lane: [], alerts: [] };

  it("takes back this visit alone: what others did meanwhile stays", () => {
    const cells: Record<string, Cell> = { ...board().cells, d: cell("d", null) };
    const before = { ...board(), unassigned: ["c", "d"], cells };
    const shown = placed(before, before.cells.c as Cell, drop);
    const theirs = { ...reply, gone: [], visits: [cell("d", MORNING)], lanes: [lane("cleo", ["c", "d"])] };
    const meanwhile = patched(shown, theirs as never, new Set(["d"]));
    const after = takenBack(meanwhile, before, shown.cells.c as Cell, drop);
    expect(after.unassigned).toEqual(["c"]);
    expect(after.cells.c).toBe(before.cells.c);
    expect(after.rows.cleo?.items.map((one) => one.id)).toEqual(["d"]);
    expect(after.rows.ana).toBe(before.rows.ana);
  });

  it("puts it back on the lane it left, and leaves alone what was read again since", () => {
    const before = board();
    const moved = { ...drop, from: "ana" };
    const shown = placed(before, before.cells.a as Cell, moved);
    const after = takenBack(shown, before, shown.cells.a as Cell, moved);
    expect([after.rows.ana?.items, after.rows.cleo?.items]).toEqual([before.rows.ana?.items, []]);
    const read = { ...reply, gone: [], visits: [cell("a", MORNING + HOUR)], lanes: [lane("ana", ["a"])] };
    const known = patched(shown, read as never, new Set(["a"]));
    expect(takenBack(known, before, shown.cells.a as Cell, moved)).toBe(known);
  });
});

describe("what is dragged from the tray", () => {
  const crewed = (...ids: string[]): Cell => ({
    ...cell("v", MORNING),
    assigned: ids.map((id) => ({ technician_id: id, status: "accepted", is_lead: id === ids[0] })),
  });

  const technicians = { meta: { ...board().meta, by: "technicians" as const } };

  it("leaves the lane of the lead, so that helpers stay", () => {
    expect(leaving(technicians, crewed("ana", "ben"), null, "cleo")).toBe("ana");
  });

  it("leaves no lane but its own where it goes to one on which it stands", () => {
    expect(leaving(technicians, crewed("ana", "ben"), null, "ben")).toBe("ben");
  });
});
