/** What a site's form holds, and what becomes of it. */

import { z } from "zod";
import type { Schemas } from "@/api/client";
import { WEEKDAYS } from "@/technicians/days";
import { blank, number } from "@/ui/blank";
import type { Site } from "./sites";

const time = z
  .string()
  .trim()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "A time such as 08:00; 24:00 ends a day.");

export const Entered = z.object({
  name: blank,
  street: z.string().trim().min(1, "Type the street and number."),
  unit: blank,
  city: blank,
  region: blank,
  postal_code: z.string().trim().min(1, "Type the postal code: city and time zone follow from it."),
  country: z.string().trim().toUpperCase().length(2, "Two letters, such as US."),
  latitude: number(-90, 90, "Degrees from -90 to 90, such as 39.0473."),
  longitude: number(-180, 180, "Degrees from -180 to 180, such as -95.6752."),
  time_zone: blank,
  territory_id: blank,
  access_notes: blank,
  gate_code: blank,
  external_key: blank,
  access_hours: z.array(z.object({ weekday: z.enum(WEEKDAYS), opens: time, closes: time })),
  hazards: z.array(
    z.object({
      text: z.string().trim().min(1, "Say what to beware of, or take the line away."),
      severity: z.enum(["note", "caution", "danger"]),
    }),
  ),
  /** Whose it is, of a new one. */
  parties: z.array(
    z.object({
      customer_id: z.string().min(1, "Choose whose site it is."),
      role: z.enum(["owner", "tenant", "manager"]),
    }),
  ),
});
export type Typed = z.input<typeof Entered>;
export type Entered = z.output<typeof Entered>;

/** The form of a site that is there; of none, what a new one begins with. */
export function typed(site: Site | null, customerId = ""): Typed {
  const degrees = (value: number | null | undefined) => value?.toString() ?? "";
  return {
    name: site?.name ?? "",
    street: site?.street ?? "",
    unit: site?.unit ?? "",
    city: site?.city ?? "",
    region: site?.region ?? "",
    postal_code: site?.postal_code ?? "",
    country: site?.country ?? "US",
    latitude: degrees(site?.latitude),
    longitude: degrees(site?.longitude),
    time_zone: site?.time_zone ?? "",
    territory_id: (site?.territory_pinned && site.territory_id) || "",
    access_notes: site?.access_notes ?? "",
    gate_code: site?.gate_code ?? "",
    external_key: site?.external_key ?? "",
    access_hours: site?.access_hours ?? [],
    hazards: site?.hazards ?? [],
    parties: site ? [] : [{ customer_id: customerId, role: "owner" }],
  };
}

/** What is sent of what was touched. Half a position is none, so both halves go together. */
export function patchOf(all: Entered, changed: Partial<Entered>): Schemas["SitePatch"] {
  const { parties: _, ...body } = changed;
  if ("latitude" in body || "longitude" in body) {
    return { ...body, latitude: all.latitude, longitude: all.longitude };
  }
  return body;
}
