import { z } from "zod";

/** JSON as it goes over the wire; what the emulator does not understand it keeps as it is. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const Json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(Json), z.record(z.string(), Json)]),
);
export const JsonObject = z.record(z.string(), Json);

const Texts = z.record(z.string(), z.string());

export const ManagedFields = z.looseObject({
  manager: z.string(),
  operation: z.enum(["Apply", "Update"]),
  fieldsV1: JsonObject,
});
export type ManagedFields = z.infer<typeof ManagedFields>;

const Metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().optional(),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).optional(),
  labels: Texts.optional(),
  annotations: Texts.optional(),
  managedFields: z.array(ManagedFields).optional(),
  ownerReferences: z.array(z.looseObject({ uid: z.string() })).optional(),
});

/** An object as the API server keeps it. */
export const Stored = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: Metadata,
});
export type Stored = z.infer<typeof Stored>;

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A part of a stored object, as JSON; an empty object where there is none. */
export function partOf(object: unknown, name: string): JsonObject {
  const whole = JsonObject.safeParse(object).data;
  const part = whole?.[name];
  return isObject(part) ? part : {};
}

export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  const [one, two] = [Object.entries(left), new Map(Object.entries(right))];
  return (
    Array.isArray(left) === Array.isArray(right) &&
    one.length === two.size &&
    one.every(([key, value]) => two.has(key) && sameJson(value, two.get(key)))
  );
}

/** JSON merge patch (RFC 7396). */
export function mergePatched(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatched(merged[key], value);
  }
  return merged;
}
