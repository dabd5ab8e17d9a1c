import { openstackProvider } from "../../providers/openstack/provider.ts";
import { openstackFromEnvironment } from "../support/openstack-environment.ts";
import { type Hands, listIn, openstackHands, textIn } from "../support/openstack-hands.ts";
import { byFetch, RECORDED_RUN, recordingTo, recordRun } from "../support/recording.ts";
import { connectionOf, openstackTampering } from "./openstack-target.ts";
import { providerConformance } from "./provider.ts";
import { type ConformanceTarget, untilGone, type Ways } from "./target.ts";

/**
 * Needs an administrator's `OS_*` and two compute hosts in no availability zone of their own: it makes one of
 * each, and narrows the second through Placement. Without Cinder and without routers, as the rig has it.
 */

interface RealTarget extends ConformanceTarget {
  readonly hands: Hands;
}

const record = recordingTo();
const NARROW_VCPU = 4;
const IMAGE = "conformance-image";

providerConformance<RealTarget>({
  name: "openstack, the real services",
  supports: {
    enforcedQuota: ["VCPU", "MEMORY_GIB"],
    suspend: true,
    discoverCapacity: true,
    instances: true,
    resize: true,
    wipeReceipt: false,
    issueAccess: true,
  },
  make: openTarget,
  tampering: ({ hands }) => openstackTampering(hands),
  ...(record === undefined ? { ways } : {}),
  patienceMs: 120_000,
  timeoutMs: 300_000,
  bulk: record === undefined ? { objects: 1_000, timeoutMs: 900_000 } : RECORDED_RUN.bulk,
});

if (record !== undefined) {
  const { password, ...open } = openstackFromEnvironment();
  recordRun(
    record,
    "OpenStack Zed",
    byFetch(),
    () => ({ open, secret: { password } }),
    () => true,
  );
}

function ways(): Ways {
  const login = openstackFromEnvironment();
  const url = login.authUrl.replace(/\/v3\/?$/, "");
  return { url, connect: (way) => openstackProvider(connectionOf(login, way)) };
}

async function openTarget(): Promise<RealTarget> {
  const login = openstackFromEnvironment();
  const hands = await openstackHands(login);
  const prefix = record === undefined ? `cf${process.pid}` : RECORDED_RUN.prefix;
  const hosts = await freeHosts(hands);
  const zones = await Promise.all(
    ["wide", "narrow"].map((kind, at) => makeZone(hands, `${prefix}-${kind}`, hosts[at])),
  );
  const widen = await narrowed(hands, hosts[1] ?? "", NARROW_VCPU);
  const image = await makeImage(hands);
  const provider = openstackProvider(connectionOf(login));
  return {
    provider,
    other: openstackProvider(connectionOf(login)),
    intruder: openstackProvider(connectionOf({ ...login, password: "wrong-password" })),
    dead: openstackProvider(connectionOf(login, { url: "http://127.0.0.1:1/v3" })),
    secrets: [login.password, "wrong-password"],
    prefix,
    pool: `${prefix}-wide`,
    narrowPool: { name: `${prefix}-narrow`, vcpu: NARROW_VCPU },
    image: IMAGE,
    architecture: "intel",
    hands,
    async close() {
      await sweep(hands, prefix, (name) => untilGone(60_000, () => provider.removeTenancy(name)));
      await hands.done("image", "DELETE", `/images/${image}`);
      await widen();
      for (const remove of zones) await remove();
    },
  };
}

async function freeHosts(hands: Hands): Promise<string[]> {
  const all = listIn(await hands.done("compute", "GET", "/os-hypervisors/detail"), "hypervisors");
  const hosts = all.map((hypervisor) => textIn(hypervisor, "hypervisor_hostname")).sort();
  if (hosts.length < 2) throw new Error("the suite needs two compute hosts");
  return hosts;
}

async function makeZone(hands: Hands, name: string, host: string | undefined): Promise<() => Promise<void>> {
  const body = { aggregate: { name, availability_zone: name } };
  const made = (await hands.done("compute", "POST", "/os-aggregates", body)) as object;
  const id: unknown = Reflect.get(Reflect.get(made, "aggregate") as object, "id");
  await hands.done("compute", "POST", `/os-aggregates/${id}/action`, { add_host: { host } });
  return async () => {
    await hands.done("compute", "POST", `/os-aggregates/${id}/action`, { remove_host: { host } });
    await hands.done("compute", "DELETE", `/os-aggregates/${id}`);
  };
}

/** Nova keeps an allocation ratio that somebody sets in Placement. */
async function narrowed(hands: Hands, host: string, vcpu: number): Promise<() => Promise<void>> {
  const path = `/resource_providers?name=${host}`;
  const [found] = listIn(await hands.done("placement", "GET", path), "resource_providers");
  if (found === undefined) throw new Error(`Placement does not know ${host}`);
  const at = `/resource_providers/${textIn(found, "uuid")}/inventories/VCPU`;
  const before = (await hands.done("placement", "GET", at)) as { total: number; allocation_ratio: number };
  const put = async (ratio: number) => {
    const now = (await hands.done("placement", "GET", at)) as object;
    await hands.done("placement", "PUT", at, { ...now, allocation_ratio: ratio });
  };
  await put(vcpu / before.total);
  return () => put(before.allocation_ratio);
}

async function makeImage(hands: Hands): Promise<string> {
  const body = { name: IMAGE, disk_format: "raw", container_format: "bare", visibility: "public" };
  const id = textIn((await hands.done("image", "POST", "/images", body)) as object, "id");
  await hands.done("image", "PUT", `/images/${id}/file`, "x");
  return id;
}

/** Everything that the run has left: tenancies, what was nobody's, and the groups of the departments. */
async function sweep(
  hands: Hands,
  prefix: string,
  removeTenancy: (name: string) => Promise<void>,
): Promise<void> {
  const projects = listIn(await hands.done("identity", "GET", "/projects"), "projects");
  await atOnce(8, projects, async (project) => {
    const name = textIn(project, "name");
    if (!name.startsWith(prefix)) return;
    const ours = JSON.stringify(project).includes("yunheng:installation");
    if (ours) await removeTenancy(name);
    else await hands.done("identity", "DELETE", `/projects/${textIn(project, "id")}`);
  });
  const groups = listIn(await hands.done("identity", "GET", "/groups"), "groups");
  await atOnce(8, groups, async (group) => {
    if (!textIn(group, "name").startsWith("group-")) return;
    await hands.done("identity", "DELETE", `/groups/${textIn(group, "id")}`);
  });
}

async function atOnce<Item>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
}
