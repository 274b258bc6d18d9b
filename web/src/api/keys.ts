/** One idempotency key for one intention: what is sent again unchanged, because its reply was lost, is not
 * done twice. What was answered is over: the same words again are another intention, and get another key. */

import { useEffect, useRef } from "react";

/** Keys whose replies are still to come, and what forgets each where it was given out. */
const open = new Map<string, () => void>();

/** A request with this key has had its reply. */
export function forgetKey(key: string): void {
  open.get(key)?.();
  open.delete(key);
}

/** What the server says of a key whose reply it has, and does not send: asked again it would say the same. */
const SPENT = new Set(["idempotency_key_reused", "reply_withheld"]);

/** Whether a reply is the end of its key. What was refused was not done, and may be sent again under it: the
 * server may still be doing it ("still running"), or know nothing of an earlier sending (401). */
export const settles = (status: number, code: unknown): boolean =>
  status < 300 || (status === 409 && SPENT.has(String(code)));

/** The key of an intention: the same one until it was answered. Takes any number of names for it. */
export function keyFor(known: Map<string, string>, intention: unknown): string {
  const text = JSON.stringify(intention);
  const before = known.get(text);
  if (before !== undefined) return before;
  const key = crypto.randomUUID();
  known.set(text, key);
  open.set(key, () => known.delete(text));
  return key;
}

export function useKeys(): (body: unknown) => { "Idempotency-Key": string } {
  const known = useRef(new Map<string, string>());
  useEffect(() => {
    const mine = known.current;
    // nobody asks for them again once the page is gone
    return () => {
      for (const key of mine.values()) open.delete(key);
      mine.clear();
    };
  }, []);
  return (body) => ({ "Idempotency-Key": keyFor(known.current, body) });
}
