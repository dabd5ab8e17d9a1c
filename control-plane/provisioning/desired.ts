import type { InstanceSpec, ObservedInstance, ObservedTenancy, TenancySpec } from "../../providers/port.ts";

/** What one placement shall look like at its cloud. */
export type DesiredPlacement =
  | { readonly state: "present"; readonly tenancy: TenancySpec; readonly instances: readonly InstanceSpec[] }
  | { readonly state: "absent"; readonly name: string };

/** What the cloud showed last. */
export interface ObservedPlacement {
  readonly tenancy: ObservedTenancy | null;
  readonly instances: readonly ObservedInstance[];
}
