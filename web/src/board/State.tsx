/** Whether the board tells what happens as it happens, and otherwise how old it is. */

import { useEffect, useState } from "react";
import { useConnection } from "@/office/live";
import * as clock from "./clock";
import { useBoard } from "./store";

export function State() {
  const { state, completeAt } = useConnection();
  const asOf = useBoard((shown) => shown.picture?.meta.as_of);
  const zone = useBoard((shown) => shown.picture?.meta.time_zone);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 5_000);
    return () => clearInterval(timer);
  }, []);
  if (!zone) return null;
  if (asOf) {
    const moment = Date.parse(asOf);
    return (
      <span className="rounded-full bg-warn-wash px-2 text-warn">
        As it was {clock.day(moment, zone)}, {clock.time(moment, zone)}
      </span>
    );
  }
  const live = state === "live";
  return (
    <output
      aria-label="Connection"
      className={live ? "text-good" : "rounded-full bg-warn-wash px-2 text-warn"}
    >
      {live
        ? "● Live"
        : completeAt === null
          ? "Connecting…"
          : `Not connected: as of ${clock.time(completeAt, zone)}`}
    </output>
  );
}
