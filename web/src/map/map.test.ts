import { expect, test } from "vitest";
import { read, townsIn } from "./ground";
import { boxOf, offsetOf, type Pin, project, spots, unproject, viewOf } from "./shapes";
import { age, initials, isStale, type Read, told } from "./whereabouts";

const MINUTE = 60_000;
const ADA = {
  id: "ada",
  name: "Ada Ode",
  colour: "#123456",
  phone: null,
  online: true,
  atWork: true,
  heardAt: 5_000,
  place: { lat: 33, lon: -112, at: 5_000, accuracy: 8 },
};

test("a place comes back from the plane as it was", () => {
  const [lon, lat] = unproject(project([-97.5, 38.25], 7), 7);
  expect(lon).toBeCloseTo(-97.5, 9);
  expect(lat).toBeCloseTo(38.25, 9);
});

test("a view of a box has all of it in sight, and the towns around one place", () => {
  const box = boxOf([
    [-98, 38],
    [-94, 40],
  ]);
  const { centre, zoom } = viewOf(box ?? [0, 0, 0, 0], 800, 600);
  const [x, y] = project(centre, zoom);
  for (const corner of [
    [-98, 38],
    [-94, 40],
  ] as const) {
    const [cx, cy] = project(corner, zoom);
    expect(Math.abs(cx - x)).toBeLessThan(400);
    expect(Math.abs(cy - y)).toBeLessThan(300);
  }
  expect(viewOf([-98, 38, -98, 38], 800, 600).zoom).toBe(11);
  expect(boxOf([])).toBeNull();
});

test("two stops at one place do not hide each other", () => {
  const pin = (id: string, lon: number): Pin => ({
    id,
    at: [lon, 38],
    text: "1",
    mark: "planned",
    colour: null,
    alert: false,
    title: id,
  });
  const found = spots([pin("one", -98), pin("other", -98), pin("alone", -97)]);
  expect(found.get("one")).not.toBe(found.get("other"));
  expect(offsetOf(found.get("alone") ?? -1)).toEqual([0, 0]);
});

test("what the hub tells moves whoever is known, and never back in time", () => {
  const known: Read = { ada: ADA };
  const news = (who: string, at: number) => ({
    technician_id: who,
    at: new Date(at).toISOString(),
    latitude: 34,
    longitude: -111,
    accuracy_m: 5,
  });
  expect(told(known, [news("ada", 9_000)]).ada?.place).toEqual({
    lat: 34,
    lon: -111,
    at: 9_000,
    accuracy: 5,
  });
  expect(told(known, [news("ada", 1_000), news("somebody", 9_000)])).toEqual(known);
});

test("how old a position is, is said", () => {
  expect(age(0, 59_999)).toBe("just now");
  expect(age(0, 12 * MINUTE)).toBe("12 min");
  expect(age(0, 125 * MINUTE)).toBe("2 h 05");
  expect(age(0, 49 * 60 * MINUTE)).toBe("2 days");
  expect(age(5_000, 0)).toBe("just now");
  expect(isStale({ at: 0 }, 5 * MINUTE)).toBe(false);
  expect(isStale({ at: 0 }, 6 * MINUTE)).toBe(true);
  expect(initials("Ada de la Ode")).toBe("AO");
  expect(initials("Bo")).toBe("B");
});

test("borders are read from their steps, backwards where they are shared", () => {
  const ground = read({
    transform: { scale: [0.5, 0.25], translate: [-100, 30] },
    arcs: [
      [
        [0, 0],
        [2, 4],
      ],
      [
        [2, 4],
        [-2, 0],
      ],
    ],
    land: [[0, 1]],
    states: [~0],
    counties: [1],
    towns: [
      ["Large", 30.5, -99.5, 0],
      ["Small", 30.5, -99.4, 3],
    ],
  });
  expect(ground.land[0]?.points).toEqual([
    [-100, 30],
    [-99, 31],
    [-100, 31],
  ]);
  expect(ground.states[0]?.points[0]).toEqual([-99, 31]);
  expect(townsIn(ground, [-100, 30, -99, 31], 6).map((one) => one.name)).toEqual(["Large"]);
  expect(townsIn(ground, [-100, 30, -99, 31], 10)).toHaveLength(2);
});
