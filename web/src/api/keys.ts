/** One idempotency key for one intention: what is sent again unchanged, because its reply was lost, is not
 * done twice; what was changed before it is sent again is another intention. */

import { useRef } from "react";

export function useKeys(): (body: unknown) => { "Idempotency-Key": string } {
  const known = useRef(new Map<string, string>());
  return (body) => {
    const text = JSON.stringify(body);
    const key = known.current.get(text) ?? crypto.randomUUID();
    known.current.set(text, key);
    return { "Idempotency-Key": key };
  };
}
