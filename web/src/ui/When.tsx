/** A moment, with its zone where the reader's own differs from it. */

import { cx } from "./cx";
import { type Shape, sameHour, when } from "./when";

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function When({
  at,
  zone,
  shape = "moment",
  named,
  className,
}: {
  at: string;
  /** Of the organisation or the site that it is about. */
  zone: string;
  shape?: Shape;
  /** Whether the zone is written out; silence: where it is not the reader's. */
  named?: boolean;
  className?: string;
}) {
  const inDoubt = named ?? (shape !== "day" && !sameHour(at, zone, here));
  return (
    <time dateTime={at} className={cx("tabular whitespace-nowrap", className)}>
      {when(at, zone, shape, inDoubt)}
    </time>
  );
}
