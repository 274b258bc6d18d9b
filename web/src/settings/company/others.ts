/** Parts of the company's settings that are read and written by themselves share its version: whoever was faster
 * is known, but not by which of the fields. */

import { Problem } from "@/api/client";

/** Write over the version that was seen. Where somebody was faster it is read again and nothing is written: the
 * error says so, and the same press again puts what was typed in its place. */
export async function overOthers<T extends { version: number }>(
  write: (version: number) => Promise<T>,
  from: { current: T },
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await write(from.current.version);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 412)) throw error;
    from.current = await read();
    throw new Error(
      "Somebody changed the company's settings meanwhile. What you typed is kept; save again to put it in its place.",
    );
  }
}
