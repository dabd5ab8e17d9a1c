import type { OrganizationFacts, SiteFacts } from "../policy/facts.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import type { JudgedTenancy, Topology } from "../reports/facts-now.ts";
import { BatchJudge } from "./batch-judge.ts";
import { instanceFacts, type ObservedPart, observedFacts, partFacts } from "./observed-facts.ts";
import { OutcomeTable } from "./outcome-table.ts";
import type { AssessedResource, Resource } from "./resource.ts";

/** A tenancy with all that is known of it. */
export interface EstateTenancy extends JudgedTenancy {
  readonly id: string;
  readonly organizationPath: string;
  readonly systemId: string;
  readonly systemName: string;
  readonly parts: readonly (ObservedPart & { readonly id: string })[];
}

interface Surroundings {
  readonly topology: Topology;
  /** Of every cloud in the topology. */
  readonly sites: ReadonlyMap<string, SiteFacts>;
  /** Today in China. */
  readonly today: string;
}

/** Judges tenancies, clouds and organizations by every rule that is about them. */
export class EstateJudge {
  readonly outcomes = new OutcomeTable();
  readonly #around: Surroundings;
  readonly #tenancy: BatchJudge;
  /** For parts beside the primary: what is asked of the tenancy as a whole is asked once. */
  readonly #part: BatchJudge;
  readonly #resource: BatchJudge;
  readonly #cloud: BatchJudge;
  readonly #organization: BatchJudge;

  constructor({ bySubject }: PolicySet, around: Surroundings) {
    this.#around = around;
    const automatic = (policies: PolicySet["policies"]) =>
      policies.filter(({ document }) => document.spec.assessment !== "out_of_scope");
    this.#tenancy = new BatchJudge("tenancy", automatic(bySubject.tenancy), this.outcomes);
    this.#part = new BatchJudge("placement", automatic(bySubject.placement), this.outcomes);
    this.#resource = new BatchJudge("resource", automatic(bySubject.resource), this.outcomes);
    this.#cloud = new BatchJudge("cloud", automatic(bySubject.cloud), this.outcomes);
    this.#organization = new BatchJudge("organization", automatic(bySubject.organization), this.outcomes);
  }

  /** The parts of a tenancy and the machines in them. */
  tenancy(tenancy: EstateTenancy): AssessedResource[] {
    return tenancy.parts.flatMap((part) => this.#partOf(tenancy, part));
  }

  #partOf(tenancy: EstateTenancy, part: EstateTenancy["parts"][number]): AssessedResource[] {
    const facts = observedFacts(this.#around.topology, this.#around.today, tenancy, part);
    const about = part.role === "primary" ? this.#tenancy : this.#part;
    const outcomes: number[] = [];
    const { observed } = part;
    about.judge(facts, observed?.tenancy != null, outcomes);
    const around = { ...facts, site: this.#siteOf(part.cloudId) };
    const itself = { ...around, resource: partFacts(part, tenancy.granted.resources) };
    this.#resource.judge(itself, observed !== null, outcomes);
    const found = [{ resource: partResource(tenancy, part), outcomes }];
    for (const instance of observed?.instances ?? []) {
      const own: number[] = [];
      this.#resource.judge({ ...around, resource: instanceFacts(instance, part) }, true, own);
      found.push({ resource: instanceResource(tenancy, part, instance.name), outcomes: own });
    }
    return found;
  }

  #siteOf(cloudId: string): SiteFacts {
    const site = this.#around.sites.get(cloudId);
    if (site === undefined) throw new Error(`nothing is known of cloud ${cloudId}`);
    return site;
  }

  clouds(): AssessedResource[] {
    const { topology, today } = this.#around;
    return [...topology.clouds.values()].map(({ id, name, facts }) => {
      const outcomes: number[] = [];
      this.#cloud.judge({ today, cloud: facts, site: this.#siteOf(id) }, true, outcomes);
      const key = `cloud:${id}`;
      const own = { key, kind: "cloud" as const, name: name.zh, unit: key, cloudId: id };
      return { resource: { ...NOBODY, ...own }, outcomes };
    });
  }

  organizations(all: readonly OrganizationInPlace[]): AssessedResource[] {
    return all.map(({ facts, path, name }) => {
      const outcomes: number[] = [];
      this.#organization.judge({ today: this.#around.today, organization: facts }, true, outcomes);
      const key = `organization:${facts.id}`;
      const own = { key, kind: "organization" as const, name, unit: key };
      const place = { organizationId: facts.id, organizationPath: path };
      return { resource: { ...NOBODY, ...own, ...place }, outcomes };
    });
  }
}

export interface OrganizationInPlace {
  readonly facts: OrganizationFacts;
  readonly path: string;
  readonly name: string;
}

const NOBODY = {
  tenancyId: null,
  organizationId: null,
  organizationPath: null,
  cloudId: null,
  systemId: null,
  systemName: null,
};

function partResource(tenancy: EstateTenancy, part: EstateTenancy["parts"][number]): Resource {
  return {
    key: `placement:${part.id}`,
    kind: "tenancy",
    name: `${tenancy.systemName} ${part.role}`,
    ...placeOf(tenancy, part.cloudId),
  };
}

function instanceResource(
  tenancy: EstateTenancy,
  part: EstateTenancy["parts"][number],
  name: string,
): Resource {
  return {
    key: `instance:${part.id}/${name}`,
    kind: "instance",
    name,
    ...placeOf(tenancy, part.cloudId),
  };
}

function placeOf(tenancy: EstateTenancy, cloudId: string) {
  const { id, organization, organizationPath, systemId, systemName } = tenancy;
  const { id: organizationId } = organization;
  return { unit: unitOf(id), tenancyId: id, organizationId, organizationPath, cloudId, systemId, systemName };
}

/** The name under which a tenancy's results are replaced as a whole. */
export function unitOf(tenancyId: string): string {
  return `tenancy:${tenancyId}`;
}
