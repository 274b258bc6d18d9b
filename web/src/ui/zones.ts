/** Time zones to choose from. */

export const ZONES = Intl.supportedValuesOf("timeZone").map((value) => ({
  value,
  text: value.replaceAll("_", " "),
}));

/** "Central Time": what people there call it. */
export function zoneName(zone: string): string {
  const parts = new Intl.DateTimeFormat(undefined, {
    timeZone: zone,
    timeZoneName: "longGeneric",
  }).formatToParts();
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone.replaceAll("_", " ");
}
