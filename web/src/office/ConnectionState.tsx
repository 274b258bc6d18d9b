/** Whether what one sees is what is, in words. */

import { useEffect, useState } from "react";
import { cx } from "@/ui/cx";
import { ago } from "@/ui/when";
import { useConnection } from "./live";

export function ConnectionState() {
  const { state, completeAt } = useConnection();
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((times) => times + 1), 10_000);
    return () => clearInterval(timer);
  }, []);
  const said =
    state === "live"
      ? "Live"
      : state === "beginning"
        ? "Connecting…"
        : `No connection: as of ${completeAt ? ago(completeAt) : "a while ago"}`;
  return (
    <span
      role="status"
      className={cx(
        "flex items-center gap-1.5 whitespace-nowrap text-sm",
        state === "lost" ? "rounded bg-warn-wash px-1.5 py-0.5 text-warn" : "text-muted",
      )}
    >
      <span
        aria-hidden
        className={cx(
          "size-1.5 rounded-full",
          state === "live" ? "bg-good" : state === "lost" ? "bg-warn" : "bg-line-strong",
        )}
      />
      {said}
    </span>
  );
}
