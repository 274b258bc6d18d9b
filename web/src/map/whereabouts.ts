/** What is known of where somebody is, and how old that is, in words. Pure. */

export interface Whereabouts {
  id: string;
  name: string;
  colour: string;
  phone: string | null;
  online: boolean;
  atWork: boolean;
  /** When they were heard of last, in ms. */
  heardAt: number | null;
  place: { lat: number; lon: number; at: number; accuracy: number } | null;
}

export type Read = Record<string, Whereabouts>;

/** As the hub tells it. */
export interface Told {
  technician_id: string;
  at: string;
  latitude: number;
  longitude: number;
  accuracy_m: number;
}

const ONLINE = 5 * 60_000;

/** With what the hub told since: of those only who was read, and nothing older than what is known. */
export function told(known: Read, news: Iterable<Told>): Read {
  const after = { ...known };
  for (const one of news) {
    const who = after[one.technician_id];
    const at = Date.parse(one.at);
    if (!who || (who.place && who.place.at >= at)) continue;
    after[who.id] = {
      ...who,
      atWork: true,
      heardAt: Math.max(at, who.heardAt ?? 0),
      place: { lat: one.latitude, lon: one.longitude, at, accuracy: one.accuracy_m },
    };
  }
  return after;
}

export const isStale = (place: { at: number }, now: number): boolean => now - place.at > ONLINE;

/** "just now", "3 min", "2 h 05": how old a position is. */
export function age(at: number, now: number): string {
  const minutes = Math.floor(Math.max(0, now - at) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  const days = Math.floor(hours / 24);
  return days === 1 ? "1 day" : `${days} days`;
}

export const ago = (at: number, now: number): string => {
  const words = age(at, now);
  return words === "just now" ? words : `${words} ago`;
};

/** "Ada Ode" → "AO". */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return ends
    .map((one) => [...(one ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
}
