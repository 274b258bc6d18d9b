/**
 * What one does oneself is no other's change. A deed about a visit waits until the one before it is answered, and
 * says the version that this answer told: the board reads it a moment later.
 */

interface Versioned {
  id: string;
  version: number;
}

/** Versions that answers to one's own deeds told, by visit: of the last so many, which the board has long read again. */
const MOST = 500;
const told = new Map<string, number>();
/** The last deed about a visit that is not answered yet. */
const last = new Map<string, Promise<unknown>>();

/** An answer to one's own deed said what these are now. */
export function answered(visits: readonly Versioned[]): void {
  for (const { id, version } of visits) {
    told.delete(id);
    told.set(id, version);
  }
  for (const id of [...told.keys()].slice(0, Math.max(0, told.size - MOST))) told.delete(id);
}

/** The version that was seen, or what one has made of it since. */
export const versionOf = ({ id, version }: Versioned): number => Math.max(version, told.get(id) ?? 0);

/** Whether a deed about it is not answered yet. */
export const isUnderway = (id: string): boolean => last.has(id);

/** Once every deed about one of these visits is answered, however it was. */
export function inTurn<T>(ids: readonly string[], what: () => Promise<T>): Promise<T> {
  const before = Promise.all(ids.map((id) => last.get(id)));
  const mine = before.then(what).finally(() => {
    for (const id of ids) if (last.get(id) === over) last.delete(id);
  });
  // how it ended is for whoever did it
  const over = mine.catch(() => undefined);
  for (const id of ids) last.set(id, over);
  return mine;
}
