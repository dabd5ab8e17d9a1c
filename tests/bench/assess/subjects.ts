import { instanceFacts, observedFacts, partFacts } from "../../../control-plane/compliance/observed-facts.ts";
import type { Subject } from "./engines.ts";
import { benchTopology, TODAY, tenancyAt } from "./estate.ts";

const topology = benchTopology();

/** A tenancy as one subject for the rules about tenancies and six for those about resources. */
export function subjectsOf(n: number): (Subject & { readonly about: "tenancy" | "resource" })[] {
  const tenancy = tenancyAt(n);
  return tenancy.parts.flatMap((part) => {
    const facts = observedFacts(topology, TODAY, tenancy, part);
    const things = [
      partFacts(part, tenancy.granted.resources),
      ...(part.observed?.instances ?? []).map((machine) => instanceFacts(machine, part)),
    ];
    return [
      { about: "tenancy" as const, facts },
      ...things.map((resource) => ({ about: "resource" as const, facts: { ...facts, resource } })),
    ];
  });
}
