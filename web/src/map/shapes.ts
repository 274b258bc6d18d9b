/** What a map is given to show, and how places lie on a plane. Pure. */

/** Longitude, latitude, in degrees: as GeoJSON has them. */
export type Lonlat = readonly [number, number];

/** How a stop stands, as its shape says it. */
export type Mark = "planned" | "moving" | "there" | "done" | "trouble" | "canceled" | "open";

/** Something that stays where it is. */
export interface Pin {
  id: string;
  at: Lonlat;
  /** What stands in it: its number on somebody's way; null: nothing. */
  text: string | null;
  mark: Mark;
  colour: string | null;
  /** Something is wrong with it. */
  alert: boolean;
  /** What it is, in a line or two. */
  title: string;
}

/** Somebody who moves. */
export interface Mover {
  id: string;
  at: Lonlat;
  text: string;
  colour: string;
  /** "12 min", where it is long enough ago to be said. */
  age: string | null;
  stale: boolean;
  title: string;
}

/** The order in which somebody goes to places, as a line. */
export interface Route {
  id: string;
  colour: string;
  points: Lonlat[];
}

export interface Scene {
  pins: Pin[];
  movers: Mover[];
  routes: Route[];
}

export const NOTHING: Scene = { pins: [], movers: [], routes: [] };

/** West, south, east, north. */
export type Box = readonly [number, number, number, number];

/** What holds all places; null: there are none. */
export function boxOf(points: Iterable<Lonlat>): Box | null {
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const [lon, lat] of points) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  return west > east ? null : [west, south, east, north];
}

export const everywhere = (scene: Scene): Lonlat[] => [...scene.pins, ...scene.movers].map((one) => one.at);

const TILE = 512;
const HIGHEST = 85.05;

/** On Mercator's plane, in pixels of a zoom step. */
export function project([lon, lat]: Lonlat, zoom: number): [number, number] {
  const size = TILE * 2 ** zoom;
  const sin = Math.sin((Math.max(-HIGHEST, Math.min(HIGHEST, lat)) * Math.PI) / 180);
  return [(lon / 360 + 0.5) * size, (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * size];
}

export function unproject([x, y]: readonly [number, number], zoom: number): [number, number] {
  const size = TILE * 2 ** zoom;
  const n = Math.PI * (1 - (2 * y) / size);
  return [(x / size - 0.5) * 360, (Math.atan(Math.sinh(n)) * 180) / Math.PI];
}

export interface View {
  centre: Lonlat;
  zoom: number;
}

/** Where there are no streets, a place is found by the towns around it. */
export const CLOSEST = 11;

/** A view of all of a box in so many pixels, with room around it. */
export function viewOf(box: Box, width: number, height: number, room = 44): View {
  const [west, south, east, north] = box;
  const [left, bottom] = project([west, south], 0);
  const [right, top] = project([east, north], 0);
  const wide = Math.max(60, width - 2 * room) / Math.max(right - left, 1e-9);
  const high = Math.max(60, height - 2 * room) / Math.max(bottom - top, 1e-9);
  const zoom = Math.max(1, Math.min(CLOSEST, Math.log2(Math.min(wide, high))));
  return { centre: unproject([(left + right) / 2, (top + bottom) / 2], 0), zoom };
}

/** Of pins at one place each gets a spot of its own around it: 0 is the middle. */
export function spots(pins: readonly Pin[]): Map<string, number> {
  const taken = new Map<string, string[]>();
  for (const { id, at } of pins) {
    const key = `${at[0].toFixed(5)} ${at[1].toFixed(5)}`;
    taken.set(key, [...(taken.get(key) ?? []), id]);
  }
  const found = new Map<string, number>();
  for (const ids of taken.values()) {
    ids.forEach((id, n) => {
      found.set(id, ids.length === 1 ? 0 : 1 + (n % AROUND.length));
    });
  }
  return found;
}

/** Where each spot lies, in pixels. */
export const AROUND: readonly (readonly [number, number])[] = [
  [-13, 0],
  [13, 0],
  [0, -22],
  [0, 22],
  [-26, -22],
  [26, -22],
  [-26, 22],
  [26, 22],
];

export const offsetOf = (spot: number): readonly [number, number] => AROUND[spot - 1] ?? [0, 0];

/** Metres that a pixel covers. */
export const metresAPixel = (view: View): number =>
  (40_075_016.7 * Math.cos((view.centre[1] * Math.PI) / 180)) / (TILE * 2 ** view.zoom);
