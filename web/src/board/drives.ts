/** How long drives take: as a map service said, where the table knows it; else by the server's own estimate,
 * which is the great circle, the roads' detour, a pace, and a while for each stop. */

import type { Rules, Table } from "./shapes.ts";
import { rounded } from "./shapes.ts";

/** Where something is. Two places with one key are one. */
export interface Place {
  key: string;
  /** Latitude and longitude in degrees; null: nobody knows. */
  point: readonly number[] | null;
}

export interface Drive {
  seconds: number;
  metres: number;
  source: "estimate" | "provider" | "assumed";
}

const SAME: Drive = { seconds: 0, metres: 0, source: "estimate" };

export class Drives {
  readonly #table: Table;
  readonly #known = new Map<string, Drive>();
  readonly #asked = new Map<string, Drive>();

  constructor(table: Table) {
    this.#table = table;
    for (const [from, to, seconds, metres] of table.known) {
      if (seconds === undefined || metres === undefined) continue;
      this.#known.set(`${from} ${to}`, { seconds, metres, source: "provider" });
    }
  }

  /** The place of a base or an event, by its key; null: the table does not hold it. */
  place(key: string): Place | null {
    const number = this.#table.places[key];
    return number === undefined ? null : { key, point: this.#table.points[number] ?? null };
  }

  leg(from: Place, to: Place): Drive {
    if (from.key === to.key) return SAME;
    const asked = `${from.key} ${to.key}`;
    let found = this.#asked.get(asked);
    if (found === undefined) {
      const { places } = this.#table;
      found =
        this.#known.get(`${places[from.key]} ${places[to.key]}`) ??
        estimate(this.#table.rules, from.point, to.point);
      this.#asked.set(asked, found);
    }
    return found;
  }
}

export function estimate(rules: Rules, from: readonly number[] | null, to: readonly number[] | null): Drive {
  if (from === null || to === null) return { seconds: rules.unknown_seconds, metres: 0, source: "assumed" };
  const metres = haversine(rules.earth_radius_metres, from, to) * rules.detour;
  let seconds = rules.stop_seconds;
  let before = 0;
  for (const { up_to_metres, metres_per_second } of rules.paces) {
    const until = up_to_metres ?? Infinity;
    seconds += Math.max(0, Math.min(metres, until) - before) / metres_per_second;
    before = until;
  }
  return { seconds: rounded(seconds), metres: rounded(metres), source: "estimate" };
}

function haversine(radius: number, from: readonly number[], to: readonly number[]): number {
  const [north = 0, east = 0] = from.map(radians);
  const [northward = 0, eastward = 0] = to.map(radians);
  let h = Math.sin((northward - north) / 2) ** 2;
  h += Math.cos(north) * Math.cos(northward) * Math.sin((eastward - east) / 2) ** 2;
  return 2 * radius * Math.asin(Math.sqrt(Math.min(1, h)));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
