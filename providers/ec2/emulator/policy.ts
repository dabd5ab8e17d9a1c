import { z } from "zod";
import type { Params } from "./params.ts";
import { Refusal } from "./refusal.ts";
import type { Scene } from "./scene.ts";

/** As much of the policy language as a session may use here; more is refused rather than passed over. */
const Policy = z.strictObject({
  Version: z.literal("2012-10-17"),
  Statement: z.array(
    z.strictObject({
      Effect: z.literal("Allow"),
      Action: z.array(z.string()),
      Resource: z.literal("*"),
      Condition: z.strictObject({ StringEquals: z.record(z.string(), z.string()) }).optional(),
    }),
  ),
});

const RESOURCE_TAG = /^(aws:|ec2:)ResourceTag\//;

export function assertPolicy(text: string): void {
  try {
    Policy.parse(JSON.parse(text));
  } catch {
    throw new Refusal("MalformedPolicyDocument", "the session policy is not in a form that is known here");
  }
}

/** One statement must allow the action on everything that the request names. */
export function assertAllowed(scene: Scene, policy: string, params: Params): void {
  const { Statement } = Policy.parse(JSON.parse(policy));
  const named = [...params.texts("InstanceId"), ...params.texts("ResourceId")];
  const allowed = Statement.some(
    (statement) =>
      statement.Action.some((action) => covers(action, params.action)) &&
      Object.entries(statement.Condition?.StringEquals ?? {}).every(
        ([key, value]) =>
          RESOURCE_TAG.test(key) &&
          named.length > 0 &&
          named.every((id) => tagsOf(scene, id)[key.replace(RESOURCE_TAG, "")] === value),
      ),
  );
  if (!allowed) {
    const message = `You are not authorized to perform this operation: ${params.action}`;
    throw new Refusal("UnauthorizedOperation", message, 403);
  }
}

function covers(pattern: string, action: string): boolean {
  const prefix = "ec2:";
  if (!pattern.startsWith(prefix)) return false;
  const name = pattern.slice(prefix.length);
  return name.endsWith("*") ? action.startsWith(name.slice(0, -1)) : action === name;
}

function tagsOf({ tables }: Scene, id: string): Readonly<Record<string, string>> {
  return (tables.instance.get(id) ?? tables.volume.get(id) ?? tables.vpc.get(id))?.tags ?? {};
}
