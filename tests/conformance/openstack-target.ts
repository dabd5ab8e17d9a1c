import {
  type OpenstackConnection,
  OpenstackConnection as Schema,
} from "../../providers/openstack/connection.ts";
import { type Hands, listIn, type OpenstackLogin, textIn, untilStatus } from "../support/openstack-hands.ts";
import type { Tampering, Way } from "./target.ts";

export function connectionOf(login: OpenstackLogin, way: Partial<Way> = {}): OpenstackConnection {
  const { url, ca, proxy } = way;
  return Schema.parse({
    authUrl: url ?? login.authUrl,
    region: login.region,
    ...(ca === undefined ? {} : { ca }),
    ...(proxy === undefined ? {} : { proxy }),
    credential: {
      kind: "password",
      username: login.username,
      password: login.password,
      userDomain: login.userDomain,
      project: login.project,
      projectDomain: login.projectDomain,
    },
  });
}

/** What an administrator can do with the cloud's own tools, at an emulator and at a real cloud alike. */
export function openstackTampering(hands: Hands): Tampering {
  const inProject = async (tenancy: string, what: string, key: string, name: string) => {
    const id = await hands.projectId(tenancy);
    const [service, path] =
      what === "servers"
        ? (["compute", `/servers/detail?all_tenants=1&project_id=${id}`] as const)
        : (["network", `/${what}?project_id=${id}`] as const);
    const found = listIn(await hands.done(service, "GET", path), key);
    const one = found.find((object) => textIn(object, "name") === name);
    if (one === undefined) throw new Error(`no ${name} among the ${what} of ${tenancy}`);
    return textIn(one, "id");
  };
  return {
    async setQuota(tenancy, quota) {
      const body = { quota_set: { cores: quota.VCPU ?? 0, ram: (quota.MEMORY_GIB ?? 0) * 1024 } };
      await hands.done("compute", "PUT", `/os-quota-sets/${await hands.projectId(tenancy)}`, body);
    },
    async openNetwork(tenancy) {
      const group = await inProject(tenancy, "security-groups", "security_groups", tenancy);
      const rule = { security_group_id: group, direction: "ingress", remote_ip_prefix: "0.0.0.0/0" };
      await hands.done("network", "POST", "/security-group-rules", { security_group_rule: rule });
    },
    async destroyTenancy(tenancy) {
      await hands.done("identity", "DELETE", `/projects/${await hands.projectId(tenancy)}`);
    },
    async destroyInstance(tenancy, instance) {
      const id = await inProject(tenancy, "servers", "servers", instance);
      await hands.done("compute", "DELETE", `/servers/${id}`);
      await untilStatus(hands, 404, `/servers/${id}`);
    },
    async createForeign(name) {
      await hands.done("identity", "POST", "/projects", { project: { name, domain_id: "default" } });
    },
  };
}
