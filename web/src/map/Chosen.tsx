/** More of the chosen stop: what is to be done, when it was promised, whom to call, and where to go on. */

import { Phone } from "lucide-react";
import { Link } from "react-router";
import * as clock from "@/board/clock";
import { at, type Cell } from "@/board/picture";
import { recordPath } from "@/office/nav";
import { phone } from "@/ui/phone";

export function Chosen({ cell, zone }: { cell: Cell; zone: string }) {
  const work = recordPath("work_order", cell.work_order_id);
  const site = recordPath("site", cell.site_id);
  return (
    <div className="flex flex-col gap-1 border-line border-b bg-accent-wash px-3 pt-1 pb-2 pl-10 text-sm">
      <p>
        <span className="tabular">{cell.number}</span> · {cell.job_type}: {cell.summary}
      </p>
      {cell.promised_start && cell.promised_end && (
        <p>
          Promised {clock.span(at(cell.promised_start), at(cell.promised_end), zone)}{" "}
          {clock.zoneName(at(cell.promised_start), zone)}
        </p>
      )}
      <p className="flex flex-wrap gap-x-4">
        {cell.phone && (
          <a href={`tel:${cell.phone}`} className="flex items-center gap-1 py-1 font-medium hover:underline">
            <Phone size={12} aria-hidden /> {phone(cell.phone)}
          </a>
        )}
        {work && (
          <Link to={work} className="py-1 font-medium text-accent-strong hover:underline">
            Work order
          </Link>
        )}
        {site && (
          <Link to={site} className="py-1 font-medium text-accent-strong hover:underline">
            Site
          </Link>
        )}
      </p>
    </div>
  );
}
