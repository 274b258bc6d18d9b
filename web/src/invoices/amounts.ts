/** Amounts as people type them, and as the API has them: whole minor units. Nothing here is a float. */

const digits = (currency: string): number =>
  new Intl.NumberFormat("en-US", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ??
  2;

/** "1234.50" of 123450. */
export function major(amount: number, currency: string): string {
  const places = digits(currency);
  const text = String(Math.abs(amount)).padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places);
  return `${amount < 0 ? "-" : ""}${whole}${places ? `.${text.slice(-places)}` : ""}`;
}

/** 123450 of "1,234.5". Raises `Error` for what is no amount of this currency. */
export function minor(typed: string, currency: string): number {
  const places = digits(currency);
  const parts = /^\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?\s*$/.exec(typed);
  const fraction = parts?.[2] ?? "";
  if (!parts?.[1] || fraction.length > places) {
    throw new Error(
      `Type the amount with ${places} digits after the point at most, such as ${major(12550, currency)}.`,
    );
  }
  return Number(parts[1].replaceAll(",", "") + fraction.padEnd(places, "0"));
}

/** "$0.125" of "0.125": a price may be finer than the currency's smallest coin. */
export const price = (exact: string, currency: string): string =>
  new Intl.NumberFormat(undefined, { style: "currency", currency, maximumFractionDigits: 6 }).format(
    exact as `${number}`,
  );
