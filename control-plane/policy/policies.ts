import type { Tx } from "../db/tx.ts";
import type { PolicySet } from "./policy-set.ts";

/** The rules that decide. They are looked up in each transaction, so that all processes decide alike. */
export interface Policies {
  /** The set in force at a moment, with the exemptions of that moment. */
  inForce(tx: Tx, at: Date): Promise<PolicySet>;
}

/** One set at all times: for tests and measurements. */
export function fixedPolicies(set: PolicySet): Policies {
  return { inForce: async () => set };
}
