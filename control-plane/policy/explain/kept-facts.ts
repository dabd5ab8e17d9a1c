import type { PartFacts } from "../facts.ts";

/** A section of facts by the hash of its canonical JSON. */
export type FactsHash = string;

/** The facts of one part in one pool. */
export interface KeptPlace {
  readonly cloudId: string;
  readonly poolId: string;
  readonly role: PartFacts["role"];
  readonly request: FactsHash;
  readonly cloud: FactsHash;
  readonly pool: FactsHash;
  readonly recovery: FactsHash;
  readonly fit: { readonly capacity: boolean; readonly quota: boolean };
}

/** Everything that a decision was made from, as it is kept: by hashes, so that what is shared is kept once. */
export interface KeptFacts {
  /** The day in China. */
  readonly today: string;
  readonly request: FactsHash;
  readonly organization: FactsHash;
  /** The places that were decided on; where none was left, those that rules denied. */
  readonly places: readonly KeptPlace[];
}
