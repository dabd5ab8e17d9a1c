import type { V1ResourceQuota } from "@kubernetes/client-node";
import { z } from "zod";
import type { ProviderQuantities } from "../port.ts";
import { ANNOTATION } from "./marks.ts";
import { CORE, GIB, nanosOf, PIECE, wholeExactly } from "./quantity.ts";

interface Counted {
  /** What the quota calls it; where there are several names, all say the same. */
  readonly names: readonly string[];
  readonly unit: bigint;
  readonly suffix: string;
}

/** Requests and limits alike, so that nobody is promised more than there is. */
function counted(gpuResource: string): Readonly<Record<string, Counted>> {
  return {
    VCPU: { names: ["requests.cpu", "limits.cpu"], unit: CORE, suffix: "" },
    MEMORY_GIB: { names: ["requests.memory", "limits.memory"], unit: GIB, suffix: "Gi" },
    BLOCK_STORAGE_GIB: { names: ["requests.storage"], unit: GIB, suffix: "Gi" },
    PUBLIC_IPV4: { names: ["services.loadbalancers"], unit: PIECE, suffix: "" },
    GPU: { names: [`requests.${gpuResource}`], unit: PIECE, suffix: "" },
  };
}

export interface QuotaObject {
  readonly hard: Record<string, string>;
  readonly annotations: Record<string, string>;
}

/** Every class is stated: to Kubernetes one that is left out has no limit, to the port it is zero. */
export function quotaObject(quota: ProviderQuantities, gpuResource: string, suspended: boolean): QuotaObject {
  const classes = counted(gpuResource);
  const hard: Record<string, string> = suspended ? { pods: "0" } : {};
  for (const [name, { names, suffix }] of Object.entries(classes)) {
    for (const resource of names) hard[resource] = `${quota[name] ?? 0}${suffix}`;
  }
  const rest = Object.entries(quota).filter(([name, amount]) => !(name in classes) && amount !== 0);
  const annotations =
    rest.length === 0 ? {} : { [ANNOTATION.restOfQuota]: JSON.stringify(Object.fromEntries(rest)) };
  return { hard, annotations };
}

const Rest = z.record(z.string(), z.number());

/** Null where a class has no limit, or one that the port cannot say: both have to be put right. */
export function quotaIn(object: V1ResourceQuota, gpuResource: string): ProviderQuantities | null {
  const hard = object.spec?.hard ?? {};
  const quota: Record<string, number> = {};
  for (const [name, { names, unit }] of Object.entries(counted(gpuResource))) {
    const amounts = names.map((resource) => {
      const text = hard[resource];
      return text === undefined ? null : wholeExactly(nanosOf(text), unit);
    });
    const [amount] = amounts;
    if (amount === undefined || amount === null) return null;
    // Where request and limit differ, the larger one is what somebody has gained.
    quota[name] = Math.max(...amounts.map((other) => other ?? Number.POSITIVE_INFINITY));
    if (!Number.isSafeInteger(quota[name])) return null;
  }
  const rest = object.metadata?.annotations?.[ANNOTATION.restOfQuota];
  return { ...restIn(rest), ...quota };
}

/** False until the quota controller has taken up what the object says: admission goes by the status. */
export function quotaInForce(object: V1ResourceQuota): boolean {
  const wanted = object.spec?.hard ?? {};
  const inForce = object.status?.hard ?? {};
  const names = new Set([...Object.keys(wanted), ...Object.keys(inForce)]);
  return [...names].every((name) => nanosOf(wanted[name] ?? "-1") === nanosOf(inForce[name] ?? "-1"));
}

function restIn(text: string | undefined): ProviderQuantities {
  if (text === undefined) return {};
  try {
    return Rest.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {}; // Written over by somebody: what is missing is seen as a difference and written again.
  }
}
