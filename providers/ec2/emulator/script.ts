import type { Params } from "./params.ts";
import type { FaultRecord, ScriptedFault } from "./records.ts";
import type { Scene } from "./scene.ts";

/** What the script has in store for one call. */
export interface Treatment {
  readonly latencyMs: number;
  /** Comes instead of the work. */
  readonly instead: Extract<ScriptedFault, { kind: "status" | "hang" | "reset" }> | null;
  readonly loseReply: boolean;
  readonly partial: boolean;
  readonly lagMs: number;
}

/** Picks the faults that apply to a call and counts them down. */
export function treatmentOf(scene: Scene, params: Params): Treatment {
  const applied: FaultRecord[] = [];
  let instead: Treatment["instead"] = null;
  for (const rule of scene.tables.fault.values()) {
    if (!matches(rule, params)) continue;
    const { fault } = rule;
    if (fault.kind === "status" || fault.kind === "hang" || fault.kind === "reset") {
      if (instead !== null) continue;
      instead = fault;
    }
    applied.push(rule);
  }
  for (const rule of applied) countDown(scene, rule);
  const faults = applied.map((rule) => rule.fault);
  const times = (kind: "latency" | "lag") =>
    faults.reduce((total, fault) => total + (fault.kind === kind ? fault.ms : 0), 0);
  return {
    latencyMs: times("latency"),
    instead,
    loseReply: faults.some((fault) => fault.kind === "lost-reply"),
    partial: faults.some((fault) => fault.kind === "partial-list"),
    lagMs: times("lag"),
  };
}

function matches({ fault, action, unfiltered }: FaultRecord, params: Params): boolean {
  const listOnly = fault.kind === "lag" || fault.kind === "partial-list";
  if (listOnly && !params.action.startsWith("Describe")) return false;
  if (unfiltered && params.parts("Filter").length > 0) return false;
  return action === null || action === params.action;
}

function countDown(scene: Scene, rule: FaultRecord): void {
  if (rule.left === null) return;
  scene.put("fault", rule.id, rule.left > 1 ? { ...rule, left: rule.left - 1 } : null);
}
