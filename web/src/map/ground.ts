/** What lies under everything where no basemap is set: borders of states and counties, and towns' names. It is
 * ours (tools/ground.py), so a map is never an empty grey box, with or without a network beyond the server. */

import type { Box, Lonlat } from "./shapes";
import { boxOf } from "./shapes";

export interface Kept {
  transform: { scale: [number, number]; translate: [number, number] };
  arcs: [number, number][][];
  land: number[][];
  states: number[];
  counties: number[];
  towns: [string, number, number, number][];
}

export interface Line {
  points: Lonlat[];
  box: Box;
}

export interface Town {
  name: string;
  at: Lonlat;
  /** 0: a city; 3: a village. */
  rank: number;
}

export interface Ground {
  land: Line[];
  states: Line[];
  counties: Line[];
  towns: Town[];
}

/** TopoJSON's arcs: the first point, then steps, in whole numbers of a grid. */
export function read(kept: Kept): Ground {
  const { scale, translate } = kept.transform;
  const arcs = kept.arcs.map((steps) => {
    let [x, y] = [0, 0];
    return steps.map(([dx, dy]): Lonlat => {
      x += dx;
      y += dy;
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    });
  });
  const line = (points: Lonlat[]): Line => ({ points, box: boxOf(points) ?? [0, 0, 0, 0] });
  const arc = (n: number): Lonlat[] => (n < 0 ? [...(arcs[~n] ?? [])].reverse() : (arcs[n] ?? []));
  return {
    land: kept.land.map((ring) => line(ring.flatMap((n, place) => (place ? arc(n).slice(1) : arc(n))))),
    states: kept.states.map((n) => line(arc(n))),
    counties: kept.counties.map((n) => line(arc(n))),
    towns: kept.towns.map(([name, lat, lon, rank]) => ({ name, at: [lon, lat], rank })),
  };
}

const MOST = 90;

/** The towns that a view has room for, the larger ones first. */
export function townsIn(ground: Ground, [west, south, east, north]: Box, zoom: number): Town[] {
  const least = zoom < 6 ? 0 : zoom < 7 ? 1 : zoom < 8 ? 2 : 3;
  const found: Town[] = [];
  for (const one of ground.towns) {
    if (one.rank > least || found.length === MOST) break;
    const [lon, lat] = one.at;
    if (west <= lon && lon <= east && south <= lat && lat <= north) found.push(one);
  }
  return found;
}
