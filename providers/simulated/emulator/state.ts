import type { Change, Commit } from "./changes.ts";
import type { CloudRecord, InstanceRecord, ReceiptRecord, TenancyRecord } from "./records.ts";

export interface CloudState {
  record: CloudRecord;
  readonly tenancies: Map<string, TenancyRecord>;
  /** By tenancy, then by name. */
  readonly instances: Map<string, Map<string, InstanceRecord>>;
  /** By pool, what its instances hold together: counted along, because adding up is slow in a large cloud. */
  readonly held: Map<string, Held>;
  readonly receipts: Map<string, ReceiptRecord>;
  /** Tenancies that went lately, for lists that lag behind; not kept over a restart. */
  readonly departed: TenancyRecord[];
  /** The next moment at which something ceases to exist; Infinity when nothing is leaving. */
  nextDeparture: number;
}

interface Held {
  vcpu: number;
  memoryGiB: number;
  diskGiB: number;
}

export type State = Map<string, CloudState>;

const DEPARTED_KEPT = 1000;

function emptyCloud(record: CloudRecord): CloudState {
  return {
    record,
    tenancies: new Map(),
    instances: new Map(),
    held: new Map(),
    receipts: new Map(),
    departed: [],
    nextDeparture: Number.POSITIVE_INFINITY,
  };
}

/** Takes away what has ceased to exist by `now`; a function of state and time, so it needs no journal. */
export function settle(cloud: CloudState, now: number): void {
  if (now < cloud.nextDeparture) return;
  let next = Number.POSITIVE_INFINITY;
  for (const [name, tenancy] of cloud.tenancies) {
    if (tenancy.goneAt === null) continue;
    if (tenancy.goneAt > now) {
      next = Math.min(next, tenancy.goneAt);
      continue;
    }
    dropTenancy(cloud, name);
    cloud.receipts.set(name, { tenancy: name, volumesWiped: tenancy.volumes, wipedAt: tenancy.goneAt });
    cloud.departed.push(tenancy);
    if (cloud.departed.length > DEPARTED_KEPT) cloud.departed.shift();
  }
  for (const [tenancy, instances] of cloud.instances) {
    for (const [name, instance] of instances) {
      if (instance.goneAt === null) continue;
      if (instance.goneAt <= now) putInstance(cloud, tenancy, name, null);
      else next = Math.min(next, instance.goneAt);
    }
  }
  cloud.nextDeparture = next;
}

function put<Value>(map: Map<string, Value>, key: string, value: Value | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}

function dropTenancy(cloud: CloudState, name: string): void {
  for (const instance of cloud.instances.get(name)?.keys() ?? []) putInstance(cloud, name, instance, null);
  cloud.tenancies.delete(name);
}

function putInstance(cloud: CloudState, tenancy: string, name: string, value: InstanceRecord | null): void {
  const instances = cloud.instances.get(tenancy) ?? new Map<string, InstanceRecord>();
  const before = instances.get(name) ?? null;
  put(instances, name, value);
  if (instances.size === 0) cloud.instances.delete(tenancy);
  else cloud.instances.set(tenancy, instances);
  const pool = cloud.tenancies.get(tenancy)?.pool ?? "";
  const held = cloud.held.get(pool) ?? { vcpu: 0, memoryGiB: 0, diskGiB: 0 };
  for (const size of ["vcpu", "memoryGiB", "diskGiB"] as const) {
    held[size] += (value?.[size] ?? 0) - (before?.[size] ?? 0);
  }
  cloud.held.set(pool, held);
}

function applyChange(state: State, change: Change): void {
  const cloud = state.get(change.cloud);
  if (change.table === "cloud") {
    if (cloud === undefined) state.set(change.cloud, emptyCloud(change.value));
    else cloud.record = change.value;
    return;
  }
  if (cloud === undefined) throw new Error(`a change of the unknown cloud ${change.cloud}`);
  switch (change.table) {
    case "tenancy":
      if (change.value === null) dropTenancy(cloud, change.tenancy);
      else cloud.tenancies.set(change.tenancy, change.value);
      cloud.nextDeparture = Math.min(cloud.nextDeparture, change.value?.goneAt ?? Number.POSITIVE_INFINITY);
      return;
    case "instance":
      putInstance(cloud, change.tenancy, change.instance, change.value);
      cloud.nextDeparture = Math.min(cloud.nextDeparture, change.value?.goneAt ?? Number.POSITIVE_INFINITY);
      return;
    case "receipt":
      cloud.receipts.set(change.value.tenancy, change.value);
  }
}

/** The same commits in the same order give the same state, live and in replay. */
export function applyCommit(state: State, commit: Commit): void {
  for (const change of commit.changes) {
    const cloud = state.get(change.cloud);
    if (cloud !== undefined) settle(cloud, commit.at);
    applyChange(state, change);
  }
}

/** The shortest list of changes that rebuilds the state. */
export function* changesOf(state: State): Generator<Change> {
  for (const [cloud, kept] of state) {
    yield { table: "cloud", cloud, value: kept.record };
    for (const value of kept.receipts.values()) yield { table: "receipt", cloud, value };
    for (const [tenancy, value] of kept.tenancies) yield { table: "tenancy", cloud, tenancy, value };
    for (const [tenancy, instances] of kept.instances) {
      for (const [instance, value] of instances) yield { table: "instance", cloud, tenancy, instance, value };
    }
  }
}
