/** What an address says, read as what it has to be; null for whatever is none: then the page shows what it shows by
 * itself. */

const [FIRST, LAST] = ["1900", "2900"];

/** A day that there is: "2026-11-23". */
export function dayFrom(text: string | null): string | null {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text) || text < FIRST || text > LAST) return null;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? text : null;
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$/;

/** A moment with its zone, as the API writes it. */
export const momentFrom = (text: string | null): string | null =>
  text && MOMENT.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;

const ID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** A record's id. */
export const idFrom = (text: string | null): string | null => (text && ID.test(text) ? text : null);
