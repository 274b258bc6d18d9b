/** One selection in all windows: what is chosen in one is chosen in the others of the same person. */

import { useEffect, useRef } from "react";

const NAME = "truckroll-selection";

interface Said {
  session: string;
  visit: string | null;
}

/** Says what is chosen here, and calls `chosen` with what is chosen elsewhere. */
export function useTogether(
  session: string,
  visit: string | null,
  chosen: (visit: string | null) => void,
): void {
  const latest = useRef(chosen);
  latest.current = chosen;
  const channel = useRef<BroadcastChannel>(undefined);
  const heard = useRef<string | null>(visit);

  useEffect(() => {
    const opened = new BroadcastChannel(NAME);
    channel.current = opened;
    opened.onmessage = ({ data }: MessageEvent<Said>) => {
      if (data.session !== session) return;
      heard.current = data.visit;
      latest.current(data.visit);
    };
    return () => opened.close();
  }, [session]);

  useEffect(() => {
    // what was heard is not said again
    if (heard.current === visit) return;
    heard.current = visit;
    channel.current?.postMessage({ session, visit } satisfies Said);
  }, [session, visit]);
}
