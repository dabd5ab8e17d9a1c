import { z } from "zod";
import { civilDate, jurisdictionCode, line, madeId, paragraph, resources, slug } from "../kernel/input.ts";
import { isEmpty } from "../kernel/quantity.ts";

const Zone = z.enum(["internet", "extranet", "dedicated"]);

const System = z.strictObject({
  name: line(100),
  mlpsLevel: z.int().min(1).max(5),
  dataClass: z.enum(["general", "important", "core", "secret"]),
  filingNo: line(40).optional(),
});

const Instance = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, "must be lower-case letters, digits and dashes, at most 31"),
  count: z.int().min(1).max(500),
  vcpu: z.int().min(1).max(1024),
  memoryGiB: z.int().min(1).max(32768),
  diskGiB: z.int().min(1).max(1_048_576),
  image: slug,
});
export type InstanceGroup = z.infer<typeof Instance>;

const Instances = z
  .array(Instance)
  .max(100)
  .refine((groups) => new Set(groups.map((group) => group.name)).size === groups.length, "names must differ");

const Recovery = z.strictObject({
  class: z.enum(["none", "local", "same_city", "remote"]),
  rtoMinutes: z.int().min(0).max(525_600).optional(),
  rpoMinutes: z.int().min(0).max(525_600).optional(),
  pairJurisdiction: jurisdictionCode.optional(),
});

const Requirements = z.strictObject({
  xinchuang: z.boolean().optional(),
  architectures: z
    .array(z.enum(["kunpeng", "phytium", "hygon", "zhaoxin", "loongson", "intel", "amd"]))
    .max(7)
    .optional(),
  cloudIds: z.array(slug).max(50).optional(),
  forbiddenTraits: z.array(line(60)).max(50).optional(),
});

const Capabilities = z.strictObject({
  reuse: z.array(slug).max(100).optional(),
  exemptions: z
    .array(z.strictObject({ capability: slug, reason: paragraph(500), expiresOn: civilDate }))
    .max(20)
    .optional(),
});

const Term = z
  .strictObject({ start: civilDate, end: civilDate })
  .refine((term) => term.start <= term.end, { message: "ends before it starts", path: ["end"] });

const Network = z
  .strictObject({ zones: z.array(Zone).min(1).max(3), internetExposed: z.boolean() })
  .refine((network) => new Set(network.zones).size === network.zones.length, {
    message: "names a zone twice",
    path: ["zones"],
  });

const SomeResources = resources.refine((value) => !isEmpty(value), "asks for nothing");

/** The instances have to fit into what is asked for. */
export function instancesFit(body: {
  readonly resources: z.infer<typeof resources>;
  readonly instances?: readonly InstanceGroup[] | undefined;
}): boolean {
  const groups = body.instances ?? [];
  const sum = (size: (group: InstanceGroup) => number) =>
    groups.reduce((total, group) => total + group.count * size(group), 0);
  return (
    sum((group) => group.vcpu) <= (body.resources.VCPU ?? 0) &&
    sum((group) => group.memoryGiB) <= (body.resources.MEMORY_GIB ?? 0) &&
    sum((group) => group.diskGiB) <= (body.resources.BLOCK_STORAGE_GIB ?? 0)
  );
}
const instancesFitIssue = { message: "need more than the resources asked for", path: ["instances"] };

export const CreateBody = z
  .strictObject({
    kind: z.literal("create").optional(),
    organizationId: slug,
    system: System,
    projectApprovalNo: line(100).optional(),
    purpose: paragraph(2000).optional(),
    environment: z.enum(["production", "test", "development", "disaster_recovery"]),
    network: Network,
    requirements: Requirements.optional(),
    resources: SomeResources,
    instances: Instances.optional(),
    recovery: Recovery.optional(),
    capabilities: Capabilities.optional(),
    term: Term,
  })
  .refine(instancesFit, instancesFitIssue);

export const ResizeBody = z
  .strictObject({
    kind: z.literal("resize"),
    tenancyId: madeId,
    purpose: paragraph(2000).optional(),
    /** All that the tenancy shall hold afterwards, not the difference. */
    resources: SomeResources,
    instances: Instances.optional(),
  })
  .refine(instancesFit, instancesFitIssue);

export const RenewBody = z.strictObject({
  kind: z.literal("renew"),
  tenancyId: madeId,
  purpose: paragraph(2000).optional(),
  end: civilDate,
});

export const ReleaseBody = z.strictObject({
  kind: z.literal("release"),
  tenancyId: madeId,
  purpose: paragraph(2000).optional(),
  /** The department's word that its data is exported or not needed; without it nothing is wiped. */
  dataExport: z.enum(["done", "not_needed"]),
});

export const TenancyRequestBody = z.union([CreateBody, ResizeBody, RenewBody, ReleaseBody]);
export type TenancyRequestBody = z.infer<typeof TenancyRequestBody>;
export type CreateBody = z.infer<typeof CreateBody>;
export type ResizeBody = z.infer<typeof ResizeBody>;
export type RenewBody = z.infer<typeof RenewBody>;
export type ReleaseBody = z.infer<typeof ReleaseBody>;

/** One branch by `kind`, so that an error names the field and not every way in which the body is not another kind. */
export const AnyRequestBody = z.unknown().transform((raw, issues): TenancyRequestBody => {
  const kind = typeof raw === "object" && raw !== null && "kind" in raw ? raw.kind : "create";
  const branch = BRANCHES.get(kind);
  if (branch === undefined) {
    issues.addIssue({ code: "custom", path: ["kind"], message: "must be create, resize, renew or release" });
    return z.NEVER;
  }
  const outcome = branch.safeParse(raw);
  if (outcome.success) return outcome.data;
  for (const issue of outcome.error.issues) {
    issues.addIssue({ code: "custom", path: [...issue.path], message: issue.message });
  }
  return z.NEVER;
});

const BRANCHES = new Map<unknown, z.ZodType<TenancyRequestBody>>([
  ["create", CreateBody],
  ["resize", ResizeBody],
  ["renew", RenewBody],
  ["release", ReleaseBody],
]);
