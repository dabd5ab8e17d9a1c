import type { DesiredPlacement, ObservedPlacement } from "./desired.ts";
import { diff } from "./diff.ts";
import type { OperationStep } from "./operation.ts";

interface PlacementState {
  readonly role: string;
  readonly desired: DesiredPlacement;
  readonly observed: ObservedPlacement | null;
  readonly converged: boolean;
}

/** What an operation will do, for people to watch: one step per tenancy part and per group of instances. */
export function stepsOf(placements: readonly PlacementState[]): OperationStep[] {
  return placements.flatMap(({ role, desired }) => {
    if (desired.state === "absent") return [pending(`${role}:remove`)];
    const groups = new Set(desired.instances.map((instance) => groupOf(instance.name)));
    return [pending(`${role}:tenancy`), ...[...groups].map((group) => pending(`${role}:instances:${group}`))];
  });
}

/** The same steps with what the clouds show now. */
export function progressed(
  steps: readonly OperationStep[],
  placements: readonly PlacementState[],
  now: Date,
): OperationStep[] {
  const states = new Map(placements.flatMap((placement) => [...stateByStep(placement)]));
  return steps.map((step) => {
    const state = states.get(step.name);
    if (state === undefined) return step;
    if (state.status === step.status && state.message === step.message) return step;
    return { ...step, ...state, at: now.toISOString() };
  });
}

/** The steps of an operation that has come to an end without success: it ended at the first that is not done. */
export function stoppedAt(steps: readonly OperationStep[], now: Date): OperationStep[] {
  const first = steps.findIndex((step) => step.status !== "done");
  return steps.map((step, index) =>
    index === first && step.status !== "failed" ? { ...step, status: "failed", at: now.toISOString() } : step,
  );
}

type StepState = Pick<OperationStep, "status" | "message">;

function stateByStep({ role, desired, observed, converged }: PlacementState): Map<string, StepState> {
  const left = observed === null ? null : new Set(diff(desired, observed).map((step) => step.key));
  if (desired.state === "absent") {
    return new Map([[`${role}:remove`, stateOf(converged, observed !== null, null)]]);
  }
  const states = new Map<string, StepState>();
  const tenancyDone = left !== null && observed?.tenancy != null && !left.has("tenancy");
  states.set(`${role}:tenancy`, stateOf(tenancyDone, observed !== null, observed?.tenancy?.message ?? null));
  const there = new Set(observed?.instances.map((instance) => instance.name));
  const members = new Map<string, { total: number; done: number }>();
  for (const { name } of desired.instances) {
    const group = members.get(groupOf(name)) ?? { total: 0, done: 0 };
    group.total += 1;
    // While the tenancy is being made nothing is asked of its machines, and none of them runs.
    if (left !== null && !left.has(`instance:${name}`) && there.has(name)) group.done += 1;
    members.set(groupOf(name), group);
  }
  for (const [group, { total, done }] of members) {
    states.set(`${role}:instances:${group}`, stateOf(done === total, done > 0, `${done}/${total}`));
  }
  return states;
}

function stateOf(done: boolean, begun: boolean, message: string | null): StepState {
  return { status: done ? "done" : begun ? "running" : "pending", message };
}

function pending(name: string): OperationStep {
  return { name, status: "pending", message: null, at: null };
}

/** `app-3` belongs to `app`; what was found at a cloud may have any name, and is then a group of its own. */
function groupOf(instance: string): string {
  const dash = instance.lastIndexOf("-");
  return dash < 1 ? instance : instance.slice(0, dash);
}
