import type { InstanceSpec, ObservedInstance, ObservedTenancy, TenancySpec } from "../../providers/port.ts";

export interface PresentPlacement {
  readonly state: "present";
  readonly tenancy: TenancySpec;
  readonly instances: readonly InstanceSpec[];
  /**
   * True for what was there before it was recorded here: it gets our mark and nothing else. Where it differs, that is
   * shown, until somebody orders a repair or a change.
   */
  readonly found?: boolean;
  /** What instances of a group are called where it is not by their count; by name of the group. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
}

/** What one placement shall look like at its cloud. */
export type DesiredPlacement = PresentPlacement | { readonly state: "absent"; readonly name: string };

/** What the cloud showed last. */
export interface ObservedPlacement {
  readonly tenancy: ObservedTenancy | null;
  readonly instances: readonly ObservedInstance[];
}

/** What the placement is called at its cloud. */
export function nameIn(desired: DesiredPlacement): string {
  return desired.state === "present" ? desired.tenancy.name : desired.name;
}

/** The same wish, to be carried out in everything. */
export function enforced({ found: _left, ...desired }: PresentPlacement): PresentPlacement {
  return desired;
}
