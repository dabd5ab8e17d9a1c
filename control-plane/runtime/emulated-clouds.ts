import { randomBytes } from "node:crypto";
import { emulatedPools, isEmulated } from "../clouds/store.ts";
import type { Database } from "../db/tx.ts";
import { RATIO_UNIT } from "../kernel/quantity.ts";
import type { Simulator } from "./clouds.ts";

/** How an emulated cloud is declared to the server that runs it; equal in shape to the server's own declaration. */
export interface CloudDeclaration {
  readonly id: string;
  readonly kind: string;
  readonly pools: {
    readonly name: string;
    readonly architecture: string;
    readonly total: Record<string, number>;
    readonly allocationRatio: Record<string, number>;
  }[];
}

/** What the emulated clouds have, as the province says: their machines are declared, not discovered. */
export async function declarations(db: Database): Promise<CloudDeclaration[]> {
  const rows = await db.withTx((tx) => emulatedPools(tx));
  const clouds = new Map<string, { kind: string; pools: Map<string, CloudDeclaration["pools"][number]> }>();
  for (const { cloud, pool, inventory } of rows) {
    if (!isEmulated(cloud)) continue;
    const declared = clouds.get(cloud.id) ?? { kind: cloud.providerKind, pools: new Map() };
    clouds.set(cloud.id, declared);
    if (pool === null) continue;
    const { id: name, architecture } = pool;
    const ofPool = declared.pools.get(name) ?? { name, architecture, total: {}, allocationRatio: {} };
    declared.pools.set(name, ofPool);
    if (inventory === null) continue;
    ofPool.total[inventory.resourceClass] = inventory.total;
    ofPool.allocationRatio[inventory.resourceClass] = inventory.allocationRatioMilli / RATIO_UNIT;
  }
  return [...clouds].map(([id, { kind, pools }]) => ({ id, kind, pools: [...pools.values()] }));
}

/** Keeps a simulator told of what the province says: nothing is sent while nothing has changed. */
export function keepDeclared(db: Database, simulator: Simulator): () => Promise<void> {
  let told = "";
  return async () => {
    const clouds = await declarations(db);
    const now = JSON.stringify(clouds);
    if (now === told) return;
    await declareClouds(simulator, clouds);
    told = now;
  };
}

/** Tells a simulator which clouds there are and what they have. */
export async function declareClouds(
  simulator: Simulator,
  clouds: readonly CloudDeclaration[],
): Promise<void> {
  for (const { id, kind, pools } of clouds) {
    const answer = await fetch(`${simulator.url}/admin/${kind}/${id}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${simulator.token}`, "content-type": "application/json" },
      body: JSON.stringify({ pools }),
    });
    if (!answer.ok)
      throw new Error(`emulated cloud ${id} was refused: ${answer.status} ${await answer.text()}`);
  }
}

export function newSimulatorToken(): string {
  return randomBytes(24).toString("base64url");
}
