import { countsOn, type EvidencePeriod } from "../policy/evidence-rule.ts";
import type { Resource } from "./resource.ts";

/** Where evidence counts. */
export interface Coverage {
  readonly kind: "province" | "cloud" | "organization" | "system";
  /** "" for the province; of an organization its id, with everything below it. */
  readonly id: string;
}

/** A document that shows what no configuration can. */
export interface EvidenceRef extends EvidencePeriod {
  readonly id: string;
  readonly controlId: string;
  readonly coverage: Coverage;
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly uploadedBy: string;
  readonly uploadedAt: string;
}

/** What people have put beside the configuration, as it stood on one day in China. */
export class Standing {
  readonly #evidence = new Map<string, EvidenceRef[]>();
  readonly day: string;

  /** What is not valid on `day` has no effect. */
  constructor(day: string, evidence: readonly EvidenceRef[]) {
    this.day = day;
    for (const one of evidence) {
      if (countsOn(one, day)) collect(this.#evidence, one.controlId, one);
    }
  }

  evidenceFor(controlId: string, resource: Resource): EvidenceRef | null {
    return this.#evidence.get(controlId)?.find(({ coverage }) => covers(coverage, resource)) ?? null;
  }
}

function collect(map: Map<string, EvidenceRef[]>, key: string, value: EvidenceRef): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

function covers({ kind, id }: Coverage, resource: Resource): boolean {
  switch (kind) {
    case "province":
      return true;
    case "cloud":
      return resource.cloudId === id;
    case "organization":
      return resource.organizationPath?.includes(`/${id}/`) ?? false;
    case "system":
      return resource.systemId === id;
  }
}
