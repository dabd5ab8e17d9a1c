import { z } from "zod";

/** The services' answers as far as the port needs them; fields beyond these are let pass. */

export const WireProject = z.object({
  id: z.string().min(1),
  name: z.string(),
  description: z.string().nullable().default(""),
  enabled: z.boolean(),
  is_domain: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
});
export type WireProject = z.infer<typeof WireProject>;

export const WireNamed = z.object({ id: z.string().min(1), name: z.string() });
export type WireNamed = z.infer<typeof WireNamed>;

export const WireAssignment = z.object({
  role: WireNamed.partial({ name: true }),
  group: WireNamed.partial({ name: true }).optional(),
  scope: z.object({ project: z.object({ id: z.string() }).optional() }),
});
export type WireAssignment = z.infer<typeof WireAssignment>;

export const WireServer = z.object({
  id: z.string().min(1),
  name: z.string(),
  status: z.string(),
  tenant_id: z.string(),
  created: z.string(),
  metadata: z.record(z.string(), z.string()),
  /** An empty string where the server boots from a volume. */
  image: z.union([z.object({ id: z.string() }), z.literal(""), z.null()]),
  flavor: z.object({ vcpus: z.int(), ram: z.int(), disk: z.int() }),
  fault: z.object({ message: z.string() }).optional(),
  "OS-EXT-STS:task_state": z.string().nullable(),
});
export type WireServer = z.infer<typeof WireServer>;

export const WireFlavor = z.object({
  id: z.string(),
  name: z.string(),
  vcpus: z.int(),
  ram: z.int(),
  disk: z.int(),
  swap: z.union([z.int(), z.literal("")]),
  "OS-FLV-EXT-DATA:ephemeral": z.int().default(0),
  "OS-FLV-DISABLED:disabled": z.boolean().default(false),
  "os-flavor-access:is_public": z.boolean().default(true),
  extra_specs: z.record(z.string(), z.string()).default({}),
});
export type WireFlavor = z.infer<typeof WireFlavor>;

export const WireNetwork = z.object({
  id: z.string().min(1),
  name: z.string(),
  project_id: z.string(),
  shared: z.boolean(),
  port_security_enabled: z.boolean().default(true),
  created_at: z.string().default(""),
});
export type WireNetwork = z.infer<typeof WireNetwork>;

const WireSecurityRule = z.object({
  id: z.string(),
  direction: z.enum(["ingress", "egress"]),
  remote_group_id: z.string().nullable(),
  remote_ip_prefix: z.string().nullable(),
});

export const WireSecurityGroup = z.object({
  id: z.string().min(1),
  name: z.string(),
  project_id: z.string(),
  created_at: z.string().default(""),
  security_group_rules: z.array(WireSecurityRule),
});
export type WireSecurityGroup = z.infer<typeof WireSecurityGroup>;

export const WirePort = z.object({
  id: z.string().min(1),
  network_id: z.string(),
  mac_address: z.string(),
  device_id: z.string(),
  device_owner: z.string(),
  description: z.string().default(""),
  revision_number: z.int().optional(),
});
export type WirePort = z.infer<typeof WirePort>;

export const WireImage = z.object({
  id: z.string().min(1),
  name: z.string().nullable(),
  status: z.string(),
  hw_architecture: z.string().optional(),
  architecture: z.string().optional(),
});
export type WireImage = z.infer<typeof WireImage>;

export const WireZones = z.object({
  availabilityZoneInfo: z.array(
    z.object({
      zoneName: z.string(),
      zoneState: z.object({ available: z.boolean() }),
      hosts: z.record(z.string(), z.record(z.string(), z.unknown())).nullable().default(null),
    }),
  ),
});

export const WireHypervisor = z.object({
  id: z.union([z.string(), z.number()]),
  hypervisor_hostname: z.string(),
  state: z.string(),
  status: z.string(),
  service: z.object({ host: z.string() }),
  cpu_info: z.unknown(),
});

export const WireInventories = z.object({
  inventories: z.record(
    z.string(),
    z.object({ total: z.int(), reserved: z.int(), allocation_ratio: z.number() }),
  ),
});
export type WireInventories = z.infer<typeof WireInventories>;
export const WireUsages = z.object({ usages: z.record(z.string(), z.int()) });
export const WireTraits = z.object({ traits: z.array(z.string()) });
