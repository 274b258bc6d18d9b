/** How long a hold still is. Pure. */

export const MINUTE = 60_000;

/** Whole minutes that are left, the one that runs among them; 0: it is over. */
export const minutesLeft = (expiresAt: string, now: number): number =>
  Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / MINUTE));

/** "12 min left". */
export const leftWords = (minutes: number): string => (minutes > 0 ? `${minutes} min left` : "expired");
