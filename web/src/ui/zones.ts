/** Time zones to choose from. */

export const ZONES = Intl.supportedValuesOf("timeZone").map((value) => ({
  value,
  text: value.replaceAll("_", " "),
}));
