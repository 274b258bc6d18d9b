/** A small map for a record's page; what draws it is fetched when the page is there. */

import { lazy, Suspense } from "react";
import type { Schemas } from "@/api/client";
import { serverNow } from "@/board/store";
import type { Placed } from "./Place";
import { age, ago, initials, isStale } from "./whereabouts";

const Place = lazy(() => import("./Place"));

interface Site {
  id: string;
  address: string;
  latitude: number | null;
  longitude: number | null;
}

/** Where sites are; nothing, where nobody knows. */
export function Where({ sites, onSelect }: { sites: readonly Site[]; onSelect?: (id: string) => void }) {
  const places: Placed[] = sites.map(({ address, ...one }) => ({ ...one, title: address }));
  if (!places.some((one) => one.latitude !== null)) return null;
  return (
    <Suspense>
      <Place sites={places} {...(onSelect ? { onSelect } : {})} />
    </Suspense>
  );
}

/** Where somebody was last, while they are at work. */
export function LastSeen({ of: { technician, position } }: { of: Schemas["PresentOut"] }) {
  if (!position) return null;
  const now = serverNow();
  const at = Date.parse(position.at);
  return (
    <Suspense>
      <Place
        title={`Where they were ${ago(at, now)}`}
        movers={[
          {
            id: technician.id,
            at: [position.longitude, position.latitude],
            text: initials(technician.name),
            colour: technician.color,
            age: now - at < 60_000 ? null : age(at, now),
            stale: isStale({ at }, now),
            title: technician.name,
          },
        ]}
      />
    </Suspense>
  );
}
