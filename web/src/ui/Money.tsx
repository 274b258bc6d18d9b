/** An amount as the API has it: minor units and a currency. */

import { cx } from "./cx";

const formats = new Map<string, Intl.NumberFormat>();

function format(currency: string): Intl.NumberFormat {
  let found = formats.get(currency);
  if (!found) {
    found = new Intl.NumberFormat(undefined, { style: "currency", currency });
    formats.set(currency, found);
  }
  return found;
}

/** "$1,234.50"; the currency says how many digits its minor unit has. */
export function money(minor: number, currency: string): string {
  const one = format(currency);
  return one.format(minor / 10 ** (one.resolvedOptions().maximumFractionDigits ?? 2));
}

export function Money({
  minor,
  currency,
  className,
}: {
  minor: number;
  currency: string;
  className?: string;
}) {
  return <span className={cx("tabular whitespace-nowrap", className)}>{money(minor, currency)}</span>;
}
