import type { Ownership, ProviderQuantities, TenancySpec } from "../port.ts";

/** How the control plane marks what it has made: tags on projects, metadata on servers. */

export const MARK = "yunheng";
const REMOVING = "yunheng:removing";

/** Metadata keys of servers beside the mark. */
export const IMAGE_KEY = "yunheng:image";
export const TOKEN_KEY = "yunheng:token";
export const SUSPENDED_KEY = "yunheng:suspended";

/** What a project's tags remember of its tenancy. */
export interface ProjectMark {
  readonly ownership: Ownership | null;
  readonly pool: string;
  readonly zone: TenancySpec["zone"] | null;
  readonly group: string | null;
  /** Classes for which this cloud has no quota of its own. */
  readonly remembered: ProviderQuantities;
  readonly removing: boolean;
}

const OWNER_KEYS = {
  installation: "installation",
  tenancy: "tenancyId",
  placement: "placementId",
  organization: "organizationId",
} as const;

export function tagsOf(mark: ProjectMark): string[] {
  const { ownership, remembered } = mark;
  const owner =
    ownership === null
      ? []
      : [MARK, ...Object.entries(OWNER_KEYS).map(([key, field]) => tag(key, ownership[field]))];
  return [
    ...owner,
    ...(mark.pool === "" ? [] : [tag("pool", mark.pool)]),
    ...(mark.zone === null ? [] : [tag("zone", mark.zone)]),
    ...(mark.group === null ? [] : [tag("group", mark.group)]),
    ...Object.entries(remembered)
      .filter(([, amount]) => amount !== 0)
      .map(([name, amount]) => tag(`quota.${name}`, String(amount))),
    ...(mark.removing ? [REMOVING] : []),
  ].sort();
}

export function markOf(tags: readonly string[]): ProjectMark {
  const values = new Map(tags.flatMap(pairIn));
  const zone = values.get("zone");
  return {
    ownership: ownershipIn(values),
    pool: values.get("pool") ?? "",
    zone: zone === "internet" || zone === "extranet" || zone === "dedicated" ? zone : null,
    group: values.get("group") ?? null,
    remembered: Object.fromEntries(
      [...values].flatMap(([key, value]) =>
        key.startsWith("quota.") && /^\d+$/.test(value) ? [[key.slice("quota.".length), Number(value)]] : [],
      ),
    ),
    removing: tags.includes(REMOVING),
  };
}

/** Tags that are not ours: other people's, to be kept. */
export function othersTags(tags: readonly string[]): string[] {
  return tags.filter((text) => text !== MARK && !text.startsWith(`${MARK}:`));
}

export function serverMetadata(ownership: Ownership): Record<string, string> {
  return Object.fromEntries(
    Object.entries(OWNER_KEYS).map(([key, field]) => [`${MARK}:${key}`, ownership[field]]),
  );
}

export function markOfServer(metadata: Readonly<Record<string, string>>): Ownership | null {
  return ownershipIn(
    new Map(Object.entries(metadata).map(([key, value]) => [key.slice(MARK.length + 1), value])),
  );
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

function ownershipIn(values: ReadonlyMap<string, string>): Ownership | null {
  const installation = values.get("installation");
  const tenancyId = values.get("tenancy");
  const placementId = values.get("placement");
  const organizationId = values.get("organization");
  if (installation === undefined || tenancyId === undefined) return null;
  if (placementId === undefined || organizationId === undefined) return null;
  return { installation, tenancyId, placementId, organizationId };
}

/** Keystone's tags hold neither commas nor slashes. */
function tag(key: string, value: string): string {
  return `${MARK}:${key}=${encodeURIComponent(value)}`;
}

function pairIn(text: string): [string, string][] {
  const found = /^yunheng:([^=]+)=(.*)$/.exec(text);
  if (found?.[1] === undefined || found[2] === undefined) return [];
  try {
    return [[found[1], decodeURIComponent(found[2])]];
  } catch {
    return []; // Not written by us.
  }
}
