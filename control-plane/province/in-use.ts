import type { DocumentKind } from "./documents.ts";
import type { Change } from "./plan.ts";

/** What can stand in the way of deleting something, or of moving it elsewhere. */
export type BlockerType =
  | "claim"
  | "hold"
  | "placement"
  | "tenancy"
  | "request"
  | "account"
  | "grant"
  | "system"
  | "commitment";

/** One reason why one change cannot be made. */
export interface Obstacle {
  readonly action: "delete" | "change";
  readonly kind: DocumentKind;
  readonly id: string;
  readonly blocker: BlockerType;
  readonly count: number;
  /** One of the blockers, to begin looking with. */
  readonly example: string;
}

/** Fields that may not change while something is there: the things would stay behind at the old place. */
const ANCHORS: { readonly [Kind in DocumentKind]?: readonly string[] } = {
  ApplicationSystem: ["spec.organization"],
  Cloud: ["spec.provider.kind"],
  Pool: ["spec.cloud", "spec.zone"],
  QuotaNode: ["spec.kind", "spec.cloud", "spec.organization"],
};

/** The changes of a kind that must not leave anybody behind. */
export function uprooting(changes: readonly Change[], kind: DocumentKind): Change[] {
  return changes.filter(
    (change) =>
      change.kind === kind &&
      (change.action === "delete" ||
        (change.action === "change" &&
          change.differences.some(({ path }) => ANCHORS[kind]?.includes(path) === true))),
  );
}
