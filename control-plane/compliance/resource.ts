/** What is judged: a part of a tenancy at its cloud, a machine in it, a cloud, an organization. */
export type ResourceKind = "tenancy" | "instance" | "cloud" | "organization";

/** Named so that a result can be read, filtered by scope and owned without any table beside it. */
export interface Resource {
  /** `instance:plc_…/app-1`: the same from run to run. */
  readonly key: string;
  readonly kind: ResourceKind;
  readonly name: string;
  /** What is assessed as a whole and replaced as a whole by a later run: a tenancy, a cloud, an organization. */
  readonly unit: string;
  readonly tenancyId: string | null;
  readonly organizationId: string | null;
  /** `/gd/gd-guangzhou/`; null where no organization is concerned. */
  readonly organizationPath: string | null;
  readonly cloudId: string | null;
  readonly systemId: string | null;
  readonly systemName: string | null;
}

/** One resource with the numbers of its outcomes in the chunk that it stands in. */
export interface AssessedResource {
  readonly resource: Resource;
  readonly outcomes: readonly number[];
}

/** Who has to act: the department for what it runs, whoever operates the cloud for the cloud itself. */
export function ownerOf({ organizationId, cloudId }: Resource): string {
  return organizationId === null ? `cloud:${cloudId}` : `organization:${organizationId}`;
}
