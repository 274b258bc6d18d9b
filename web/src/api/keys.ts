/** One idempotency key for one intention: what is sent again unchanged, because its reply was lost, is not
 * done twice. What was answered is over: the same words again are another intention, and get another key. */

import { useRef } from "react";

const KEPT = 200;
const answered = new Set<string>();

/** A request with this key has had its reply. */
export function forgetKey(key: string): void {
  answered.add(key);
  // a key that is older than the last two hundred replies belongs to no page any more
  if (answered.size > KEPT) for (const oldest of [...answered].slice(0, KEPT / 2)) answered.delete(oldest);
}

/** The key of an intention: the same one until it was answered. Takes any number of names for it. */
export function keyFor(known: Map<string, string>, intention: unknown): string {
  const text = JSON.stringify(intention);
  let key = known.get(text);
  if (key === undefined || answered.delete(key)) {
    key = crypto.randomUUID();
    known.set(text, key);
  }
  return key;
}

export function useKeys(): (body: unknown) => { "Idempotency-Key": string } {
  const known = useRef(new Map<string, string>());
  return (body) => ({ "Idempotency-Key": keyFor(known.current, body) });
}
