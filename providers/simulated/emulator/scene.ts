import { createHash } from "node:crypto";
import type { DelayRange } from "../../emulation/kind.ts";
import type { Change } from "./changes.ts";
import type { InstanceRecord, TenancyRecord } from "./records.ts";
import { notFound } from "./refusal.ts";
import type { CloudState } from "./state.ts";

/** What one call works on. Commands read it and return changes; they never change it. */
export interface Scene {
  readonly id: string;
  readonly cloud: CloudState;
  readonly now: number;
  readonly chance: Chance;
}

export interface Outcome<Value> {
  readonly value: Value;
  readonly changes: readonly Change[];
  /** True where the call made a new object. */
  readonly created: boolean;
}

/** Everything that looks random; the same seed and the same calls at the same times give the same cloud. */
export interface Chance {
  ref(prefix: string, ...of: readonly (string | number)[]): string;
  /** How long a piece of work takes. */
  delayMs(...of: readonly (string | number)[]): number;
}

export function seededChance(seed: string, range: DelayRange): Chance {
  const hash = (of: readonly (string | number)[]) =>
    createHash("sha256")
      .update(JSON.stringify([seed, ...of]))
      .digest();
  return {
    ref: (prefix, ...of) =>
      `${prefix}-${hash([prefix, ...of])
        .toString("hex")
        .slice(0, 16)}`,
    delayMs: (...of) => range.min + (hash(["delay", ...of]).readUInt32BE(0) % (range.max - range.min + 1)),
  };
}

export function tenancyIn(scene: Scene, name: string): TenancyRecord {
  const tenancy = scene.cloud.tenancies.get(name);
  if (tenancy === undefined) throw notFound(`tenancy ${name}`);
  return tenancy;
}

export function instancesOf(scene: Scene, tenancy: string): ReadonlyMap<string, InstanceRecord> {
  return scene.cloud.instances.get(tenancy) ?? new Map();
}

export function instanceIn(scene: Scene, tenancy: string, name: string): InstanceRecord {
  tenancyIn(scene, tenancy);
  const instance = instancesOf(scene, tenancy).get(name);
  if (instance === undefined) throw notFound(`instance ${name} in ${tenancy}`);
  return instance;
}

export function setTenancy(scene: Scene, value: TenancyRecord): Change {
  return { table: "tenancy", cloud: scene.id, tenancy: value.name, value };
}

export function setInstance(scene: Scene, value: InstanceRecord): Change {
  return { table: "instance", cloud: scene.id, tenancy: value.tenancy, instance: value.name, value };
}
