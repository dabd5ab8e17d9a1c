import { z } from "zod";
import { RESOURCE_CLASSES, type ResourceClass } from "./quantity.ts";

/**
 * Characters that hide what a name says: control, format (bidirectional overrides, zero-width, soft hyphen, tags),
 * line and paragraph separators, invisible fillers and selectors, private use, unpaired surrogates, noncharacters.
 */
const DECEPTIVE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;

/** One line of text that a person typed: normalised, trimmed, without characters that deceive a reader. */
export function line(lengthMax: number) {
  return z
    .string()
    .transform((value) => value.normalize("NFC").trim())
    .pipe(
      z
        .string()
        .min(1)
        .max(lengthMax)
        .refine((value) => !DECEPTIVE.test(value), "contains control or invisible characters"),
    );
}

/** Several lines of text; line breaks and tabs are allowed. */
export function paragraph(lengthMax: number) {
  return z
    .string()
    .transform((value) => value.normalize("NFC").trim())
    .pipe(
      z
        .string()
        .min(1)
        .max(lengthMax)
        .refine((value) => !DECEPTIVE.test(value.replace(/[\n\r\t]/g, "")), "contains invisible characters"),
    );
}

/** Ids as they stand in the province's files. */
export const slug = z
  .string()
  .max(100)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, "must be lower-case letters, digits, dots, dashes and underscores");

/** Ids that the control plane made itself, such as `req_0198…`. */
export const madeId = z
  .string()
  .max(60)
  .regex(/^[a-z]+_[0-9a-f-]+$/, "is not an id of this kind");

/** A civil date in China. Other years are typing errors, and the database does not know the year 0. */
export const civilDate = z.iso
  .date({ abort: true })
  .refine((date) => date >= "1949-10-01" && date <= "2199-12-31", "must be from 1949-10-01 to 2199-12-31");

/** A moment, with its offset; in the years of civil dates, for the same reasons. */
export const instant = z.iso.datetime({ offset: true, abort: true }).refine((moment) => {
  const year = new Date(moment).getUTCFullYear();
  return year >= 1949 && year <= 2199;
}, "must be from 1949 to 2199");

/** GB/T 2260 code of an administrative division. */
export const jurisdictionCode = z.string().regex(/^\d{6}$/, "must be a six-digit division code");

/** More than any province has, and little enough that sums over a quota tree stay below 2^53. */
export const QUANTITY_MAX = 1_000_000_000_000;

/** Whole units, exact: fractions, negative numbers and anything above 10^12 are refused. */
export const quantity = z.int().min(0).max(QUANTITY_MAX);

export const resourceClass = z.enum(RESOURCE_CLASSES);

const quantities: Record<string, z.ZodOptional<typeof quantity>> = Object.fromEntries(
  RESOURCE_CLASSES.map((name) => [name, quantity.optional()]),
);

/** Quantities by resource class; an unknown class is an error. */
export const resources = z.strictObject(
  quantities as { [Class in ResourceClass]: z.ZodOptional<typeof quantity> },
);

export const text = z.object({ zh: z.string(), en: z.string() });
