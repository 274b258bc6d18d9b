/** That one looks at a board as it was. Whether it is live now, and how old otherwise, stands in the frame. */

import * as clock from "./clock";
import { useBoard } from "./store";

export function State() {
  const asOf = useBoard((shown) => shown.picture?.meta.as_of);
  const zone = useBoard((shown) => shown.picture?.meta.time_zone);
  if (!asOf || !zone) return null;
  const moment = Date.parse(asOf);
  return (
    <span className="whitespace-nowrap rounded-full bg-warn-wash px-2 text-warn">
      As it was {clock.day(moment, zone)}, {clock.time(moment, zone)} {clock.zoneName(moment, zone)}
    </span>
  );
}
