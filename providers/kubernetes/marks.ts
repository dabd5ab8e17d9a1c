import { ProviderFault } from "../faults.ts";
import type { Ownership } from "../port.ts";

/** Labels and annotations that the adapter writes and reads; part of what is at the clouds, so never renamed. */
export const LABEL = {
  managedBy: "app.kubernetes.io/managed-by",
  installation: "yunheng.io/installation",
  tenancy: "yunheng.io/tenancy",
  placement: "yunheng.io/placement",
  organization: "yunheng.io/organization",
  pool: "yunheng.io/pool",
  zone: "yunheng.io/zone",
  instance: "yunheng.io/instance",
  /** On config maps that name the images of a cluster. */
  catalogue: "yunheng.io/catalogue",
} as const;

export const ANNOTATION = {
  displayName: "yunheng.io/display-name",
  clientToken: "yunheng.io/client-token",
  suspended: "yunheng.io/suspended",
  /** Classes that a ResourceQuota cannot hold, kept beside those that it does. */
  restOfQuota: "yunheng.io/rest-of-quota",
  image: "yunheng.io/image",
  imageReference: "yunheng.io/image-reference",
  /** Read by the admission plugin PodNodeSelector too, which then confines every pod of the namespace. */
  nodeSelector: "scheduler.alpha.kubernetes.io/node-selector",
} as const;

export const MANAGED = `${LABEL.managedBy}=yunheng`;

export type Labels = Readonly<Record<string, string>>;

const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/** @throws ProviderFault `Invalid` where a part cannot be a label */
export function ownerLabels(ownership: Ownership): Labels {
  return {
    [LABEL.managedBy]: "yunheng",
    [LABEL.installation]: labelValue(ownership.installation),
    [LABEL.tenancy]: labelValue(ownership.tenancyId),
    [LABEL.placement]: labelValue(ownership.placementId),
    [LABEL.organization]: labelValue(ownership.organizationId),
  };
}

/** Null where a part is missing: half a mark is none. */
export function ownerOf(labels: Labels | undefined): Ownership | null {
  if (labels?.[LABEL.managedBy] !== "yunheng") return null;
  const installation = labels[LABEL.installation];
  const tenancyId = labels[LABEL.tenancy];
  const placementId = labels[LABEL.placement];
  const organizationId = labels[LABEL.organization];
  if (!installation || !tenancyId || !placementId || !organizationId) return null;
  return { installation, tenancyId, placementId, organizationId };
}

/** The organization is left out: a tenancy may change hands inside the province and stays the same object. */
export function sameOwner(left: Ownership | null, right: Ownership): boolean {
  return (
    left !== null &&
    left.installation === right.installation &&
    left.tenancyId === right.tenancyId &&
    left.placementId === right.placementId
  );
}

export function labelValue(text: string): string {
  if (LABEL_VALUE.test(text)) return text;
  throw new ProviderFault("Invalid", `"${text}" cannot be the value of a label`);
}

/**
 * Server-side apply refuses to take a field from another manager, so two installations, or two placements of
 * one, that reach for the same name at once cannot both have it.
 */
export function managerOf(ownership: Ownership): string {
  return `yunheng/${ownership.installation}/${ownership.placementId}`.slice(0, 128);
}
