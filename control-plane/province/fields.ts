import { z } from "zod";
import type { Brand } from "../kernel/brand.ts";
import { knownId } from "../kernel/ids.ts";
import { RATIO_UNIT } from "../kernel/quantity.ts";
import type { Text } from "../kernel/text.ts";

/** What a schema tells in both languages when its own rule fails. */
export function reason(zh: string, en: string): { params: { reason: Text } } {
  return { params: { reason: { zh, en } } };
}

const ID = /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/;
const ID_LENGTH_MAX = 63;
const QUOTA_ID_LENGTH_MAX = 200;

/** Lower-case letters, digits and hyphens, so that an id can stand in an address or a label of a cloud. */
export function idField<Id extends Brand<string, string>>() {
  return z
    .string()
    .refine(
      (id) => ID.test(id) && !id.includes(".") && id.length <= ID_LENGTH_MAX,
      reason(
        `标识只能由小写字母、数字和连字符组成，最长 ${ID_LENGTH_MAX} 个字符`,
        `an id consists of lower-case letters, digits and hyphens, at most ${ID_LENGTH_MAX} characters`,
      ),
    )
    .transform((id) => knownId<Id>(id));
}

/** Ids of the quota tree spell the way from the root: `gd.guangzhou.gd-guangzhou`. */
export function quotaIdField<Id extends Brand<string, string>>() {
  return z
    .string()
    .refine(
      (id) => ID.test(id) && id.length <= QUOTA_ID_LENGTH_MAX,
      reason(
        `配额节点标识由小写字母、数字、连字符和点组成，最长 ${QUOTA_ID_LENGTH_MAX} 个字符`,
        `a quota node's id consists of lower-case letters, digits, hyphens and dots, at most ${QUOTA_ID_LENGTH_MAX} characters`,
      ),
    )
    .transform((id) => knownId<Id>(id));
}

/** A short lower-case word: a sector, a trait, a kind of provider. */
export const slug = z
  .string()
  .regex(/^[a-z0-9]+(?:[-:.][a-z0-9]+)*$/)
  .max(63);

/** GB/T 2260: six digits, of which the last two or four are zero for a city or a province. */
export const divisionCode = z
  .string()
  .refine(
    (code) => /^[1-9]\d{5}$/.test(code),
    reason("行政区划代码应为六位数字，并加引号", "a GB/T 2260 code has six digits and is quoted"),
  );

// Control and formatting characters could rewrite what an approver reads on a terminal or a page.
const line = z
  .string()
  .refine(
    (text) => /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u.test(text) && text.trim() === text,
    reason(
      "名称应为 1 到 200 个可见字符，首尾无空格",
      "a name has 1 to 200 visible characters and no space at either end",
    ),
  );

export const text = z.strictObject({ zh: line, en: line });

/** Whole units; zod's `int` refuses fractions and whatever a JavaScript number cannot hold exactly. */
export const quantity = z.int().min(0);

function hasDecimalsAtMost(value: number, decimals: number): boolean {
  // The shortest text that gives the same number back; an exponent means far too many places.
  const [, fraction = ""] = String(value).split(".");
  return !String(value).includes("e") && fraction.length <= decimals;
}

const ALLOCATION_RATIO_MAX = 100;

/** A ratio such as 1.5, kept in thousandths so that no later figure is a fraction. */
export const ratioMilli = z
  .number()
  .positive()
  .max(ALLOCATION_RATIO_MAX)
  .refine(
    (ratio) => hasDecimalsAtMost(ratio, 3),
    reason("超分比最多三位小数", "an allocation ratio has at most three decimals"),
  )
  .transform((ratio) => Math.round(ratio * RATIO_UNIT));

/** Degrees; four decimals are about ten metres, and more would be false precision. */
export function degrees(limit: number) {
  return z
    .number()
    .min(-limit)
    .max(limit)
    .refine(
      (value) => hasDecimalsAtMost(value, 4),
      reason("经纬度最多四位小数", "at most four decimals of a degree"),
    );
}

/** ISO 3166-1 alpha-2. */
export const country = z.string().regex(/^[A-Z]{2}$/);

export const mlpsLevel = z.int().min(1).max(4);

/** `YYYY-MM-DD`, in Chinese civil time. */
export const date = z.iso.date();
