import { randomUUID } from "node:crypto";
import { z } from "zod";

/** What can be made to happen to the calls of an emulated cloud. */
export const ScriptedFault = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("latency"), ms: z.int().min(0).max(600_000) }),
  z.strictObject({
    kind: z.literal("status"),
    status: z.int().min(400).max(599),
    /** The cloud's own code for it; one that suits the status unless told otherwise. */
    code: z.string().min(1).optional(),
    retryAfterSeconds: z.int().min(0).optional(),
  }),
  /** No room, in the cloud's own words. */
  z.strictObject({ kind: z.literal("full") }),
  /** Takes the request and never answers. */
  z.strictObject({ kind: z.literal("hang") }),
  /** Resets the connection before any work is done. */
  z.strictObject({ kind: z.literal("reset") }),
  /** Does the work, then resets the connection. */
  z.strictObject({ kind: z.literal("lost-reply") }),
  /** Lists show the cloud as it was so long ago. */
  z.strictObject({ kind: z.literal("lag"), ms: z.int().min(0) }),
  /** Lists leave something out, in the way in which the real service would. */
  z.strictObject({ kind: z.literal("partial-list") }),
]);
type ScriptedFault = z.infer<typeof ScriptedFault>;

/** Faults that are answered in the cloud's own form. */
export type AnsweredFault = Extract<ScriptedFault, { kind: "status" | "full" }>;

export const FaultRule = z.strictObject({
  fault: ScriptedFault,
  match: z
    .strictObject({
      method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).optional(),
      /** Of the call's path inside the cloud, as its kind of cloud names it. */
      pathPrefix: z.string().startsWith("/").optional(),
    })
    .default({}),
  /** Calls it applies to; absent means until it is removed. */
  count: z.int().min(1).optional(),
});
export type FaultRule = z.infer<typeof FaultRule>;

export interface Call {
  readonly method: string;
  /** Behind the cloud's address; where that says nothing, a name for what is asked, beginning with a slash. */
  readonly path: string;
  /** Only lists lag behind or come in part. */
  readonly isList: boolean;
}

/** What is in store for one call. */
export interface Treatment {
  readonly latencyMs: number;
  /** Comes instead of the work. */
  readonly instead: AnsweredFault | Extract<ScriptedFault, { kind: "hang" | "reset" }> | null;
  readonly loseReply: boolean;
  /** 0 where lists show the present. */
  readonly lagMs: number;
  readonly partial: boolean;
}

/** The faults of one cloud; they end with the process. */
export interface Script {
  add(rule: FaultRule): string;
  list(): readonly (FaultRule & { readonly id: string })[];
  /** All of them where no id is given. */
  clear(id?: string): void;
  /** Picks the faults that apply and counts them down. */
  treat(call: Call): Treatment;
}

/** One script for each cloud of a kind. */
export function openScripts(): { of(cloud: string): Script } {
  const scripts = new Map<string, Script>();
  return {
    of(cloud) {
      const script = scripts.get(cloud) ?? openScript();
      scripts.set(cloud, script);
      return script;
    },
  };
}
export type Scripts = ReturnType<typeof openScripts>;

function openScript(): Script {
  const rules = new Map<string, FaultRule>();
  const countDown = (id: string, rule: FaultRule) => {
    if (rule.count === 1) rules.delete(id);
    else if (rule.count !== undefined) rules.set(id, { ...rule, count: rule.count - 1 });
  };
  return {
    add(rule) {
      const id = randomUUID();
      rules.set(id, rule);
      return id;
    },
    list: () => [...rules].map(([id, rule]) => ({ id, ...rule })),
    clear(id) {
      if (id === undefined) rules.clear();
      else rules.delete(id);
    },
    treat(call) {
      let instead: Treatment["instead"] = null;
      const faults: ScriptedFault[] = [];
      for (const [id, rule] of rules) {
        if (!applies(rule, call)) continue;
        const { fault } = rule;
        if (comesInstead(fault)) {
          if (instead !== null) continue;
          instead = fault;
        }
        faults.push(fault);
        countDown(id, rule);
      }
      return {
        latencyMs: faults.reduce((total, fault) => total + (fault.kind === "latency" ? fault.ms : 0), 0),
        instead,
        loseReply: faults.some(({ kind }) => kind === "lost-reply"),
        lagMs: Math.max(0, ...faults.map((fault) => (fault.kind === "lag" ? fault.ms : 0))),
        partial: faults.some(({ kind }) => kind === "partial-list"),
      };
    },
  };
}

function comesInstead(fault: ScriptedFault): fault is NonNullable<Treatment["instead"]> {
  return ["status", "full", "hang", "reset"].includes(fault.kind);
}

function applies({ fault, match }: FaultRule, { method, path, isList }: Call): boolean {
  if ((fault.kind === "lag" || fault.kind === "partial-list") && !isList) return false;
  if (match.method !== undefined && match.method !== method) return false;
  return match.pathPrefix === undefined || path.startsWith(match.pathPrefix);
}
