/**
 * `orphan`: bears this installation's mark, and no living tenancy is behind it.
 * `unmanaged`: bears no mark; it was there before, or somebody made it by hand.
 */
export const FINDING_KINDS = ["orphan", "unmanaged"] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** `removing` is an order that the next looks carry out until the cloud no longer shows the object. */
export const FINDING_STATUSES = ["open", "ignored", "removing", "resolved"] as const;
export type FindingStatus = (typeof FINDING_STATUSES)[number];

/** What the cloud shows of the object. */
export interface FindingDetails {
  readonly ref: string;
  readonly displayName: string;
  readonly state: string;
  readonly pool: string;
  readonly quota: Readonly<Record<string, number>>;
  readonly tenancyId: string | null;
  readonly organizationId: string | null;
}

export interface FindingDecision {
  readonly action: "ignore" | "remove";
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

/** Something found in one look at a cloud. */
export interface Found {
  readonly kind: FindingKind;
  readonly subject: string;
  readonly details: FindingDetails;
}
