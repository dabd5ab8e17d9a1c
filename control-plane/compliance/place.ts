import type { Tx } from "../db/tx.ts";
import type { CloudId } from "../kernel/ids.ts";
import { placeOfCoverage } from "./evidence-rows.ts";

/** A cloud, an organization with everything below it, or a system. */
export interface Place {
  readonly kind: "cloud" | "organization" | "system";
  readonly id: string;
  readonly name: string;
  readonly cloudId: CloudId | null;
  /** Of the organization, or of the one that the system is of. */
  readonly path: string | null;
}

/** Looks up `KIND:ID`; null where there is no such thing. */
export async function placeOf(tx: Tx, text: string): Promise<Place | null> {
  const [kind, id = ""] = text.split(":");
  if (kind !== "cloud" && kind !== "organization" && kind !== "system") return null;
  const found = await placeOfCoverage(tx, kind, id);
  return found === null ? null : { kind, id, name: found.name, cloudId: found.cloudId, path: found.path };
}
