/** What people type into forms of the settings, as the API has it. */

import { z } from "zod";

/** Words that may be left out: null then. */
export const words = z
  .string()
  .trim()
  .transform((value) => value || null);

/** Words that must be there. */
export const needed = (says: string) => z.string().trim().min(1, says);

/** A whole number between two. */
export const whole = (least: number, most: number, says: string) =>
  z
    .string()
    .trim()
    .refine((value) => /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most, says)
    .transform(Number);

/** An amount in major units, kept as the text it is: nothing here is a float. */
export const amount = z
  .string()
  .trim()
  .regex(/^(\d{1,10}(\.\d{1,4})?)?$/, "Type an amount such as 125 or 12.50.")
  .transform((value) => value || null);

/** An amount that must be there. */
export const amountNeeded = z
  .string()
  .trim()
  .regex(/^\d{1,10}(\.\d{1,4})?$/, "Type an amount such as 125 or 12.50.");

/** "12.50" of "12.5000": as short as it is, and with as many digits as prices have. */
export function short(exact: string | null | undefined): string {
  if (!exact) return "";
  const [whole = "", fraction = ""] = exact.split(".");
  const kept = fraction.replace(/0+$/, "");
  return kept ? `${whole}.${kept.padEnd(2, "0")}` : whole;
}

/** "8.25" percent of a share of "0.082500": moved by two places as text. */
export function percent(share: string | null | undefined): string {
  if (!share) return "";
  const [whole = "0", fraction = ""] = share.split(".");
  const all = `${whole}${fraction.padEnd(2, "0")}`;
  const at = whole.length + 2;
  return short(`${all.slice(0, at).replace(/^0+(?=\d)/, "")}.${all.slice(at)}`).replace(/(\.\d)0$/, "$1");
}

/** A share of what was typed as percent: "0.0825" of "8.25". */
export function share(typed: string): string {
  const [whole = "0", fraction = ""] = typed.trim().split(".");
  const padded = whole.padStart(3, "0");
  return `${padded.slice(0, -2).replace(/^0+(?=\d)/, "")}.${padded.slice(-2)}${fraction}`;
}

/** "1 h 30 min" of 90. */
export function lasting(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours && `${hours} h`, rest && `${rest} min`].filter(Boolean).join(" ") || "0 min";
}
