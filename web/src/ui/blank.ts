/** What a form's text field means: nothing typed is nothing known. */

import { z } from "zod";

export const blank = z
  .string()
  .trim()
  .transform((value) => value || null);

/** A number with a decimal point, or nothing. */
export const number = (least: number, most: number, wrong: string) =>
  z
    .string()
    .trim()
    .refine((value) => value === "" || (Number(value) >= least && Number(value) <= most), wrong)
    .transform((value) => (value === "" ? null : Number(value)));
