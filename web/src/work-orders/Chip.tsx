/** A visit in a day: how it stands, its number and whose it is. */

import { Link } from "react-router";
import type { Schemas } from "@/api/client";
import { clock } from "@/call/windows";
import { cx } from "@/ui/cx";
import { lookOf, words } from "@/ui/Status";
import { between, when } from "@/ui/when";
import { pathOf } from "./work";

export type Day = Schemas["CalendarDayOut"];

export function Chip({
  visit,
  zone,
  tall,
  tab = true,
}: {
  visit: Schemas["CalendarVisitOut"];
  /** The organisation's. */
  zone: string;
  /** With room for a second line. */
  tall?: boolean;
  /** Whether Tab stops at it. */
  tab?: boolean;
}) {
  const { tone, icon: Icon } = lookOf(visit.status);
  const time = visit.end ? between(visit.start, visit.end, zone) : when(visit.start, zone, "time");
  return (
    <Link
      to={pathOf(visit.work_order_id)}
      data-chip
      tabIndex={tab ? 0 : -1}
      title={`${visit.number}, ${visit.customer}, ${words(visit.status)}, ${time}`}
      className={cx("block min-w-0 rounded px-1 text-sm hover:underline pointer-coarse:min-h-11", tone)}
    >
      <span className="flex h-6 min-w-0 items-center gap-1">
        <Icon aria-hidden className="size-3 shrink-0" />
        <span className="sr-only">
          {words(visit.status)}
          {!visit.is_planned && ", promised"}
        </span>
        {!tall && <span className="tabular shrink-0">{clock(visit.start, zone)}</span>}
        <span className="tabular shrink-0 font-medium">{visit.number}</span>
        {!tall && <span className="min-w-0 truncate">{visit.customer}</span>}
      </span>
      {tall && (
        <>
          <span className="tabular block whitespace-nowrap">{time}</span>
          <span className="block truncate">{visit.customer}</span>
        </>
      )}
    </Link>
  );
}
