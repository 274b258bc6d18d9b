/** What is known of a site itself. */

import { WEEKDAY_WORDS } from "@/technicians/days";
import { Facts } from "@/ui/Facts";
import { onDay } from "@/ui/when";
import type { Site } from "./sites";
import { useTerritories } from "./territories";

const PLACED: Record<NonNullable<Site["placed_by"]>, string> = {
  pin: "set by hand",
  geocoder: "found by its address",
  postal_code: "somewhere in its postal code",
};

export function Known({ site }: { site: Site }) {
  const territories = useTerritories();
  const zone = territories.data?.find((one) => one.id === site.territory_id);
  const last = site.last_visit;
  return (
    <Facts
      of={[
        ["Territory", zone && `${zone.name}${site.territory_pinned ? ", chosen by hand" : ""}`],
        ["Time zone", site.time_zone.replaceAll("_", " ")],
        [
          "Place",
          site.latitude !== null && site.longitude !== null && (
            <>
              <span className="tabular whitespace-nowrap">
                {site.latitude.toFixed(5)}, {site.longitude.toFixed(5)}
              </span>
              {site.placed_by && <span className="block text-muted">{PLACED[site.placed_by]}</span>}
            </>
          ),
        ],
        ["Getting in", site.access_notes],
        [
          "Open",
          site.access_hours.length > 0 && (
            <ul>
              {site.access_hours.map((one) => (
                <li key={`${one.weekday}${one.opens}`}>
                  {WEEKDAY_WORDS[one.weekday]}{" "}
                  <span className="tabular whitespace-nowrap">
                    {one.opens} – {one.closes}
                  </span>
                </li>
              ))}
            </ul>
          ),
        ],
        [
          "Last visit",
          last &&
            `${onDay(new Intl.DateTimeFormat("en-CA", { timeZone: site.time_zone }).format(new Date(last.finished_at)))}${last.technician ? `, ${last.technician.name}` : ""} (${last.work_order_number})`,
        ],
        ["Key elsewhere", site.external_key],
      ]}
    />
  );
}
