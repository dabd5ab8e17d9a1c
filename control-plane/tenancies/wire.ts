import { z } from "@hono/zod-openapi";
import { pageQuery, pageSchema } from "../http/page.ts";
import { line, madeId, slug } from "../kernel/input.ts";
import { LIFE_STATUSES } from "../requests/lifecycle.ts";
import { CONFIRMATION_PARTIES } from "./grant.ts";

const Amounts = z.record(z.string(), z.int()).openapi("Amounts");

const GrantView = z
  .object({
    requestId: z.string(),
    planHash: z.string(),
    approvedBy: z.array(z.string()).describe("Accounts; empty where no approval was needed"),
    resources: Amounts,
    instances: z.array(
      z.object({
        name: z.string(),
        count: z.int(),
        vcpu: z.int(),
        memoryGiB: z.int(),
        diskGiB: z.int(),
        image: z.string(),
      }),
    ),
  })
  .openapi("TenancyGrant");

const ConfirmationView = z.object({
  party: z.enum(CONFIRMATION_PARTIES),
  accountId: z.string().nullable(),
  at: z.iso.datetime(),
});

const InstanceView = z.object({
  name: z.string(),
  state: z.enum(["creating", "pending", "active", "stopped", "removing", "error"]),
  vcpu: z.int(),
  memoryGiB: z.int(),
  diskGiB: z.int(),
  image: z.string(),
  message: z.string().nullable(),
  foreign: z.boolean().describe("Not made by this control plane"),
});

const driftValue = z.union([z.string(), z.number(), z.boolean()]).nullable();

export const PlacementView = z
  .object({
    id: z.string(),
    role: z.enum(["primary", "edge", "recovery"]),
    cloudId: z.string(),
    poolId: z.string(),
    quotaNodeId: z.string(),
    claimed: Amounts,
    desired: z.object({
      state: z.enum(["present", "absent"]),
      suspended: z.boolean(),
      instances: z.int(),
    }),
    desiredGeneration: z.int(),
    observedGeneration: z.int().describe("Equals desiredGeneration once the cloud shows what is desired"),
    observedAt: z.iso.datetime().nullable(),
    observed: z
      .object({
        state: z.enum(["creating", "active", "suspended", "removing", "error"]),
        ref: z.string().describe("The cloud's own id"),
        quota: z.record(z.string(), z.number()),
        isolated: z.boolean(),
        message: z.string().nullable(),
      })
      .nullable(),
    instances: z.array(InstanceView),
    drift: z
      .array(
        z.object({
          object: z.string().describe("`tenancy`, or an instance as `instance:app-1`"),
          field: z.string(),
          desired: driftValue,
          observed: driftValue,
        }),
      )
      .describe("Where the cloud differs although it has shown what is desired before"),
    wipeReceipt: z.object({ tenancyName: z.string(), volumesWiped: z.int(), wipedAt: z.string() }).nullable(),
  })
  .openapi("TenancyPlacement");
export type PlacementView = z.infer<typeof PlacementView>;

export const TenancySummary = z
  .object({
    id: z.string(),
    organizationId: z.string(),
    systemId: z.string(),
    cloudId: z.string(),
    environment: z.string(),
    status: z.enum(LIFE_STATUSES),
    statusReason: z.string().nullable(),
    term: z.object({ start: z.iso.date(), end: z.iso.date() }),
    granted: GrantView,
    confirmations: z.array(ConfirmationView),
    requestId: z.string(),
    changeRequestId: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    generation: z.int(),
    links: z.record(z.string(), z.string()),
  })
  .openapi("TenancySummary");
export type TenancySummary = z.infer<typeof TenancySummary>;

export const Tenancy = TenancySummary.extend({ placements: z.array(PlacementView) }).openapi("Tenancy");
export type Tenancy = z.infer<typeof Tenancy>;

export const StartedTenancy = Tenancy.extend({ operationId: z.string() }).openapi("StartedTenancy");
export type StartedTenancy = z.infer<typeof StartedTenancy>;

export const TenancyPage = pageSchema(TenancySummary).openapi("TenancyPage");

export const ListTenancies = z.strictObject({
  ...pageQuery,
  status: z.enum(LIFE_STATUSES).optional(),
  cloudId: slug.optional().describe("Cloud of the primary placement"),
  organizationId: slug.optional(),
});

export const OneTenancy = z.strictObject({ id: madeId });

const ifMatch = { ifMatch: z.int().optional() };

export const ConfirmBody = z.strictObject({
  party: z
    .enum(CONFIRMATION_PARTIES)
    .optional()
    .describe("Only needed by somebody who may speak for several parties"),
});
export const ConfirmTenancy = z.strictObject({ id: madeId, ...ConfirmBody.shape, ...ifMatch });

export const SuspendBody = z.strictObject({ reason: line(1000) });
export const SuspendTenancy = z.strictObject({ id: madeId, ...SuspendBody.shape, ...ifMatch });

export const RepairBody = z.strictObject({ reason: line(1000) });
export const RepairTenancy = z.strictObject({ id: madeId, ...RepairBody.shape, ...ifMatch });

export const ResumeBody = z.strictObject({ reason: line(1000).optional() });
export const ResumeTenancy = z.strictObject({ id: madeId, ...ResumeBody.shape, ...ifMatch });
