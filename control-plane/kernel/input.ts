import { z } from "zod";
import { RESOURCE_CLASSES, type ResourceClass } from "./quantity.ts";

/** Control, bidirectional-override, zero-width and unpaired surrogate characters: they hide what a name says. */
const DECEPTIVE = /[\p{Cc}\p{Cs}\p{Co}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

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

/** A civil date in China. */
export const civilDate = z.iso.date();

/** GB/T 2260 code of an administrative division. */
export const jurisdictionCode = z.string().regex(/^\d{6}$/, "must be a six-digit division code");

/** Whole units, exact: fractions, negative numbers and anything above 2^53 are refused. */
export const quantity = z.int().min(0);

export const resourceClass = z.enum(RESOURCE_CLASSES);

const quantities: Record<string, z.ZodOptional<typeof quantity>> = Object.fromEntries(
  RESOURCE_CLASSES.map((name) => [name, quantity.optional()]),
);

/** Quantities by resource class; an unknown class is an error. */
export const resources = z.strictObject(
  quantities as { [Class in ResourceClass]: z.ZodOptional<typeof quantity> },
);

export const text = z.object({ zh: z.string(), en: z.string() });
