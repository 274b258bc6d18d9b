/** Time zones as one chooses them. */

export const ZONES = Intl.supportedValuesOf("timeZone").map((value) => ({
  value,
  text: value.replaceAll("_", " "),
}));
