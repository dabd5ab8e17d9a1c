import type { Change } from "./changes.ts";
import type { FaultRecord, ScriptedFault } from "./records.ts";
import type { Scene } from "./scene.ts";

export interface IncomingCall {
  readonly method: string;
  /** Behind `/clouds/{cloud}/v1`. */
  readonly path: string;
}

/** What the script has in store for one call. */
export interface Treatment {
  readonly latencyMs: number;
  /** Comes instead of the work. */
  readonly instead: Extract<ScriptedFault, { kind: "status" | "hang" | "reset" }> | null;
  readonly loseReply: boolean;
  readonly lagMs: number;
  readonly partial: boolean;
}

const LISTS = /^\/tenancies(\/[^/]+\/instances)?$/;

/** Picks the faults that apply to a call and counts them down. */
export function treatmentOf(scene: Scene, call: IncomingCall): { treatment: Treatment; changes: Change[] } {
  const applied: FaultRecord[] = [];
  let instead: Treatment["instead"] = null;
  for (const rule of scene.cloud.faults.values()) {
    if (!matches(rule, call)) continue;
    const { fault } = rule;
    if (fault.kind === "status" || fault.kind === "hang" || fault.kind === "reset") {
      if (instead !== null) continue;
      instead = fault;
    }
    applied.push(rule);
  }
  const faults = applied.map((rule) => rule.fault);
  const treatment: Treatment = {
    latencyMs: faults.reduce((total, fault) => total + (fault.kind === "latency" ? fault.ms : 0), 0),
    instead,
    loseReply: faults.some((fault) => fault.kind === "lost-reply"),
    lagMs: Math.max(0, ...faults.map((fault) => (fault.kind === "lag" ? fault.ms : 0))),
    partial: faults.some((fault) => fault.kind === "partial-list"),
  };
  return { treatment, changes: applied.flatMap((rule) => countedDown(scene, rule)) };
}

function matches(rule: FaultRecord, call: IncomingCall): boolean {
  const listOnly = rule.fault.kind === "lag" || rule.fault.kind === "partial-list";
  if (listOnly && !(call.method === "GET" && LISTS.test(call.path))) return false;
  if (rule.method !== null && rule.method !== call.method) return false;
  return rule.pathPrefix === null || call.path.startsWith(rule.pathPrefix);
}

function countedDown(scene: Scene, rule: FaultRecord): Change[] {
  if (rule.left === null) return [];
  const value = rule.left > 1 ? { ...rule, left: rule.left - 1 } : null;
  return [{ table: "fault", cloud: scene.id, fault: rule.id, value }];
}
