import { z } from "@hono/zod-openapi";
import { resourceClass, slug } from "../kernel/input.ts";

export const SyncOfCloud = z.strictObject({ id: slug });

const figures = z.object({ total: z.int(), reserved: z.int(), used: z.int() });

export const CloudSync = z
  .object({
    cloudId: z.string(),
    attemptedAt: z.iso.datetime().nullable(),
    syncedAt: z.iso.datetime().nullable().describe("When the cloud was last looked through as a whole"),
    ageSeconds: z.int().nullable(),
    problem: z.string().nullable().describe("Why the last attempt failed"),
    problemSince: z.iso.datetime().nullable().describe("Since when no attempt has succeeded"),
    tenancies: z.int().describe("Shown by the cloud, whoever made them"),
    inventories: z.array(
      z.object({
        poolId: z.string(),
        resourceClass,
        declared: figures.describe("What the province gives out"),
        observed: figures.nullable().describe("What the cloud says; null where it does not say"),
        differs: z.boolean(),
      }),
    ),
  })
  .openapi("CloudSync");
