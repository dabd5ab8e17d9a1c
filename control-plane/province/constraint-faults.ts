import { sqlStateOf, violatedConstraint } from "../db/errors.ts";
import { fault } from "../kernel/fault.ts";
import type { FaultCodeName } from "../kernel/fault-codes.ts";
import { QuantityError } from "../kernel/quantity.ts";

const CODES: Readonly<Record<string, FaultCodeName>> = {
  clouds_one_provincial: "cloud.second_provincial",
  organizations_no_cycle: "organization.cycle",
};

const INTEGRITY_VIOLATION = "23";
const FOREIGN_KEY_VIOLATION = "23503";

/**
 * What the database refused, as a fault; anything else is given back as it is. Documents are checked before
 * they are written, so this speaks only where somebody else wrote in between or a rule lives in the database alone.
 */
export function constraintFault(error: unknown): unknown {
  if (error instanceof QuantityError) {
    const reason = { zh: "配额合计超过 2^53-1，无法精确表示", en: "the quotas add up to more than 2^53-1" };
    return fault(
      "province.invalid",
      { problems: [{ document: "QuotaNode", path: "spec.limits", reason }] },
      { cause: error },
    );
  }
  const constraint = violatedConstraint(error);
  const state = sqlStateOf(error);
  if (constraint === undefined || !state?.startsWith(INTEGRITY_VIOLATION)) return error;
  const otherwise = state === FOREIGN_KEY_VIOLATION ? "province.in_use" : "province.conflict";
  return fault(CODES[constraint] ?? otherwise, { constraint }, { cause: error });
}
