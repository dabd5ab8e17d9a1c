import type { Tag } from "@aws-sdk/client-ec2";
import type { InstanceSpec, Ownership, ProviderQuantities, TenancySpec } from "../port.ts";

/** Tags as the adapter handles them; the API's own list may hold a key without a value. */
export type Tags = Readonly<Record<string, string>>;

const OWNER = {
  installation: "yunheng:installation",
  tenancyId: "yunheng:tenancy",
  placementId: "yunheng:placement",
  organizationId: "yunheng:organization",
} as const;

const QUOTA = "yunheng:quota:";

export const TAG = {
  name: "Name",
  placement: OWNER.placementId,
  pool: "yunheng:pool",
  zone: "yunheng:zone",
  displayName: "yunheng:display-name",
  /** Policies of the cloud's identity service let a department's group touch what bears its name here. */
  accessGroup: "yunheng:access-group",
  /** Which intent made the object. */
  clientToken: "yunheng:client-token",
  image: "yunheng:image",
  suspended: "yunheng:suspended",
  removing: "yunheng:removing",
  resizing: "yunheng:resizing",
  vpc: "yunheng:vpc",
} as const;

export function tagsOf(list: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((list ?? []).flatMap(({ Key, Value }) => (Key ? [[Key, Value ?? ""]] : [])));
}

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export function ownerTags(ownership: Ownership): Tags {
  return {
    [OWNER.installation]: ownership.installation,
    [OWNER.tenancyId]: ownership.tenancyId,
    [OWNER.placementId]: ownership.placementId,
    [OWNER.organizationId]: ownership.organizationId,
  };
}

/** Null where the mark is not there or not whole: a part of a mark proves nothing. */
export function ownershipIn(tags: Tags): Ownership | null {
  const installation = tags[OWNER.installation];
  const tenancyId = tags[OWNER.tenancyId];
  const placementId = tags[OWNER.placementId];
  const organizationId = tags[OWNER.organizationId];
  if (!installation || !tenancyId || !placementId || organizationId === undefined) return null;
  return { installation, tenancyId, placementId, organizationId };
}

export function sameOwner(found: Ownership | null, wanted: Ownership): boolean {
  return found?.installation === wanted.installation && found.placementId === wanted.placementId;
}

/** What may change in the life of a tenancy stands here with what never does; suspension is written by itself. */
export function tenancyTags(spec: TenancySpec): Tags {
  return {
    ...ownerTags(spec.ownership),
    [TAG.name]: spec.name,
    [TAG.displayName]: tagText(spec.displayName),
    [TAG.pool]: spec.pool,
    [TAG.zone]: spec.zone,
    [TAG.accessGroup]: spec.accessGroup,
    ...quotaTags(spec.quota),
  };
}

export function instanceTags(spec: InstanceSpec, accessGroup: string | undefined): Tags {
  return {
    ...ownerTags(spec.ownership),
    [TAG.name]: spec.name,
    [TAG.image]: spec.image,
    ...(accessGroup === undefined ? {} : { [TAG.accessGroup]: accessGroup }),
  };
}

function quotaTags(quota: ProviderQuantities): Tags {
  return Object.fromEntries(Object.entries(quota).map(([name, amount]) => [QUOTA + name, String(amount)]));
}

/** A figure that somebody has made unreadable counts as 0, so that it is seen to differ and written again. */
export function quotaIn(tags: Tags): ProviderQuantities {
  return Object.fromEntries(
    Object.entries(tags)
      .filter(([key]) => key.startsWith(QUOTA))
      .map(([key, value]) => [key.slice(QUOTA.length), /^\d{1,15}$/.test(value) ? Number(value) : 0]),
  );
}

export interface TagChanges {
  readonly write: Tags;
  readonly erase: readonly string[];
}

/** What has to be written, and which figures of a quota no longer apply; other people's tags are left alone. */
export function tagChanges(found: Tags, wanted: Tags): TagChanges {
  return {
    write: Object.fromEntries(Object.entries(wanted).filter(([key, value]) => found[key] !== value)),
    erase: Object.keys(found).filter((key) => key.startsWith(QUOTA) && !(key in wanted)),
  };
}

/** The API takes letters, figures, spaces and few signs, 256 in all. */
function tagText(text: string): string {
  return [...text.replaceAll(/[^\p{L}\p{N}\p{Zs}_.:/=+\-@]/gu, "_")].slice(0, 256).join("");
}
