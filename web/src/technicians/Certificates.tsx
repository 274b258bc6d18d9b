/** What somebody can do, how well, and until when their certificate says so. */

import { CircleCheck, TriangleAlert } from "lucide-react";
import { Badge } from "@/ui/Status";
import { onDay } from "@/ui/when";
import { apart, today } from "./days";
import type { Technician } from "./technicians";

const SOON = 30;

/** A certificate's last day, marked when it is past or near. */
export function Expiry({ on, zone }: { on: string; zone: string }) {
  const left = apart(today(zone), on);
  const said = onDay(on);
  if (left < 0) {
    return (
      <Badge tone="danger" icon={TriangleAlert}>
        Expired {said}
      </Badge>
    );
  }
  if (left <= SOON) {
    return (
      <Badge tone="warn" icon={TriangleAlert}>
        Expires {said}
      </Badge>
    );
  }
  return (
    <Badge tone="good" icon={CircleCheck}>
      Until {said}
    </Badge>
  );
}

/** The certificate that ends first. */
export const firstToEnd = (of: Technician) =>
  of.skills
    .map((one) => one.expires_on)
    .filter((one) => one !== null)
    .sort()[0] ?? null;

export function Certificates({ of }: { of: Technician }) {
  if (of.skills.length === 0)
    return <p className="text-muted">No skill is known: no work that asks for one is given to them.</p>;
  return (
    <ul className="-my-1">
      {of.skills.map((one) => (
        <li
          key={one.skill.id}
          className="flex min-h-8 flex-wrap items-center gap-x-3 border-line border-b py-1 last:border-0"
        >
          <span className="font-medium">{one.skill.name}</span>
          <span className="text-muted">level {one.level}</span>
          {(one.certificate_number || one.issuer) && (
            <span className="text-muted">
              {[one.issuer, one.certificate_number].filter(Boolean).join(" ")}
            </span>
          )}
          {one.expires_on && (
            <span className="ml-auto">
              <Expiry on={one.expires_on} zone={of.time_zone} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
