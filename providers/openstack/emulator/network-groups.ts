import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { bodyOf, callerOf, type Env, seconds } from "./context.ts";
import type { SecurityGroupRecord, SecurityRuleRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";
import type { CloudState } from "./store.ts";

const NewRule = z.object({
  security_group_rule: z.object({
    security_group_id: z.string(),
    direction: z.enum(["ingress", "egress"]),
    ethertype: z.enum(["IPv4", "IPv6"]).default("IPv4"),
    protocol: z.string().nullable().default(null),
    port_range_min: z.int().nullable().default(null),
    port_range_max: z.int().nullable().default(null),
    remote_ip_prefix: z.string().nullable().default(null),
    remote_group_id: z.string().nullable().default(null),
  }),
});

export function groupRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const path = "/network/v2.0/security-groups";

  app.get(path, (c) => {
    callerOf(c);
    const { project_id, name } = c.req.query();
    const state = c.get("state");
    const found = state
      .all("securityGroups")
      .filter((group) => project_id === undefined || group.projectId === project_id)
      .filter((group) => name === undefined || group.name === name);
    return c.json({ security_groups: found.map((group) => groupWire(state, group)) });
  });
  app.post(path, async (c) => {
    const caller = callerOf(c);
    const Given = z.object({
      security_group: z.object({
        name: z.string().min(1),
        description: z.string().default(""),
        project_id: z.string().optional(),
        tenant_id: z.string().optional(),
      }),
    });
    const { security_group: given } = await bodyOf(c, Given);
    const state = c.get("state");
    const projectId = given.project_id ?? given.tenant_id ?? caller.projectId;
    defaultGroup(state, projectId);
    const group = newGroup(state, projectId, given.name, given.description);
    return c.json({ security_group: groupWire(state, group) }, 201);
  });
  app.delete(`${path}/:group`, (c) => {
    callerOf(c);
    const id = c.req.param("group");
    const state = c.get("state");
    if (state.get("securityGroups", id) === undefined) {
      throw notFound("SecurityGroupNotFound", `Security group ${id} does not exist`);
    }
    if (state.all("ports").some(({ securityGroups }) => securityGroups.includes(id))) {
      throw new Refusal(409, "SecurityGroupInUse", `Security Group ${id} in use.`);
    }
    for (const rule of rulesOf(state, id)) state.drop("securityRules", rule.id);
    state.drop("securityGroups", id);
    return c.body(null, 204);
  });

  app.post("/network/v2.0/security-group-rules", async (c) => {
    const { projectId } = callerOf(c);
    const { security_group_rule: given } = await bodyOf(c, NewRule);
    const state = c.get("state");
    const rule = ruleOf(state, projectId, {
      groupId: given.security_group_id,
      direction: given.direction,
      ethertype: given.ethertype,
      protocol: given.protocol,
      portMin: given.port_range_min,
      portMax: given.port_range_max,
      remotePrefix: given.remote_ip_prefix,
      remoteGroupId: given.remote_group_id,
      description: "",
    });
    const same = rulesOf(state, rule.groupId).find((other) => essence(other) === essence(rule));
    if (same !== undefined) {
      throw new Refusal(
        409,
        "SecurityGroupRuleExists",
        `Security group rule already exists. Rule id is ${same.id}.`,
      );
    }
    state.put("securityRules", rule.id, rule);
    const { tags: _tags, standard_attr_id: _serial, ...wire } = ruleWire(rule);
    return c.json({ security_group_rule: wire }, 201);
  });
  app.delete("/network/v2.0/security-group-rules/:rule", (c) => {
    callerOf(c);
    const id = c.req.param("rule");
    const state = c.get("state");
    if (state.get("securityRules", id) === undefined) {
      throw notFound("SecurityGroupRuleNotFound", `Security group rule ${id} does not exist`);
    }
    state.drop("securityRules", id);
    return c.body(null, 204);
  });
  return app;
}

/** Made by itself, once for each project. Its members may reach each other. */
export function defaultGroup(state: CloudState, projectId: string): SecurityGroupRecord {
  const known = state
    .all("securityGroups")
    .find((one) => one.projectId === projectId && one.name === "default");
  if (known !== undefined) return known;
  const group = newGroup(state, projectId, "default", "Default security group");
  for (const ethertype of ["IPv4", "IPv6"] as const) {
    const given = { groupId: group.id, direction: "ingress" as const, ethertype, remoteGroupId: group.id };
    const rule = ruleOf(state, projectId, { ...EVERYTHING, ...given });
    state.put("securityRules", rule.id, rule);
  }
  return group;
}

type GivenRule = Omit<SecurityRuleRecord, "id" | "projectId" | "serial" | "createdAt">;

const EVERYTHING = {
  protocol: null,
  portMin: null,
  portMax: null,
  remotePrefix: null,
  remoteGroupId: null,
  description: null,
};

function newGroup(
  state: CloudState,
  projectId: string,
  name: string,
  description: string,
): SecurityGroupRecord {
  const group = { id: randomUUID(), name, projectId, description, createdAt: state.now() };
  state.put("securityGroups", group.id, group);
  for (const ethertype of ["IPv6", "IPv4"] as const) {
    const rule = ruleOf(state, projectId, {
      ...EVERYTHING,
      groupId: group.id,
      direction: "egress",
      ethertype,
    });
    state.put("securityRules", rule.id, rule);
  }
  return group;
}

function ruleOf(state: CloudState, projectId: string, given: GivenRule): SecurityRuleRecord {
  const serial = state.all("securityRules").length + 1;
  return { ...given, id: randomUUID(), projectId, serial, createdAt: state.now() };
}

function rulesOf(state: CloudState, groupId: string): SecurityRuleRecord[] {
  return state.all("securityRules").filter((rule) => rule.groupId === groupId);
}

function essence(rule: SecurityRuleRecord): string {
  const { direction, ethertype, protocol, portMin, portMax, remotePrefix, remoteGroupId } = rule;
  return JSON.stringify([direction, ethertype, protocol, portMin, portMax, remotePrefix, remoteGroupId]);
}

function groupWire(state: CloudState, group: SecurityGroupRecord) {
  return {
    id: group.id,
    name: group.name,
    stateful: true,
    tenant_id: group.projectId,
    description: group.description,
    shared: false,
    security_group_rules: rulesOf(state, group.id).map(ruleWire),
    tags: [],
    created_at: seconds(group.createdAt),
    updated_at: seconds(group.createdAt),
    revision_number: 1,
    project_id: group.projectId,
  };
}

function ruleWire(rule: SecurityRuleRecord) {
  return {
    id: rule.id,
    tenant_id: rule.projectId,
    security_group_id: rule.groupId,
    ethertype: rule.ethertype,
    direction: rule.direction,
    protocol: rule.protocol,
    port_range_min: rule.portMin,
    port_range_max: rule.portMax,
    remote_ip_prefix: rule.remotePrefix,
    remote_address_group_id: null,
    normalized_cidr: rule.remotePrefix,
    remote_group_id: rule.remoteGroupId,
    standard_attr_id: rule.serial,
    description: rule.description,
    tags: [],
    created_at: seconds(rule.createdAt),
    updated_at: seconds(rule.createdAt),
    revision_number: 0,
    project_id: rule.projectId,
  };
}
