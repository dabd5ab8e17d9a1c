import { randomUUID } from "node:crypto";
import { z } from "zod";

const Fault = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("latency"), ms: z.int().min(0) }),
  z.strictObject({
    kind: z.literal("status"),
    status: z.int().min(400).max(599),
    retryAfterSeconds: z.int().min(0).optional(),
  }),
  z.strictObject({ kind: z.enum(["full", "hang", "reset"]) }),
  z.strictObject({ kind: z.enum(["lost-reply", "partial-list"]) }),
  z.strictObject({ kind: z.literal("lag"), ms: z.int().min(0) }),
]);
export type Fault = z.infer<typeof Fault>;

export const FaultRule = z.strictObject({
  fault: Fault,
  match: z
    .strictObject({
      method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).optional(),
      /** Behind `/clusters/{cluster}`. */
      pathPrefix: z.string().startsWith("/").optional(),
    })
    .default({}),
  /** Requests it applies to; absent means until it is removed. */
  count: z.int().min(1).optional(),
});
export type FaultRule = z.infer<typeof FaultRule>;

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly isList: boolean;
}

/** What is in store for one call. */
export interface Treatment {
  readonly latencyMs: number;
  /** Comes instead of the work. */
  readonly instead: Extract<Fault, { kind: "status" | "full" | "hang" | "reset" }> | null;
  readonly loseReply: boolean;
  readonly lagMs: number | null;
  readonly partial: boolean;
}

export interface Script {
  add(rule: FaultRule): string;
  list(): readonly (FaultRule & { readonly id: string })[];
  clear(id?: string): void;
  /** Picks the faults that apply and counts them down. */
  treat(call: Call): Treatment;
}

export function openScript(): Script {
  const rules = new Map<string, FaultRule>();
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
      const faults: Fault[] = [];
      for (const [id, rule] of rules) {
        if (!applies(rule, call)) continue;
        const { fault } = rule;
        if (
          fault.kind === "status" ||
          fault.kind === "full" ||
          fault.kind === "hang" ||
          fault.kind === "reset"
        ) {
          if (instead !== null) continue;
          instead = fault;
        }
        faults.push(fault);
        if (rule.count === 1) rules.delete(id);
        else if (rule.count !== undefined) rules.set(id, { ...rule, count: rule.count - 1 });
      }
      const lags = faults.flatMap((fault) => (fault.kind === "lag" ? fault.ms : []));
      return {
        latencyMs: faults.reduce((total, fault) => total + (fault.kind === "latency" ? fault.ms : 0), 0),
        instead,
        loseReply: faults.some(({ kind }) => kind === "lost-reply"),
        lagMs: lags.length === 0 ? null : Math.max(...lags),
        partial: faults.some(({ kind }) => kind === "partial-list"),
      };
    },
  };
}

function applies({ fault, match }: FaultRule, { method, path, isList }: Call): boolean {
  if ((fault.kind === "lag" || fault.kind === "partial-list") && !isList) return false;
  if (match.method !== undefined && match.method !== method) return false;
  return match.pathPrefix === undefined || path.startsWith(match.pathPrefix);
}
