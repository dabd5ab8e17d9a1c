import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startKubernetesEmulator } from "../../providers/kubernetes/emulator.ts";
import { startOpenstackClouds } from "../../providers/openstack/emulator.ts";
import type { CloudProvider } from "../../providers/port.ts";
import { openProvider } from "../../providers/registry.ts";
import { openstackHands } from "../../tests/support/openstack-hands.ts";
import { systemClock } from "../kernel/clock.ts";
import { openStory, type Story } from "../provisioning/provisioning.fixture.ts";
import { importCommand } from "./import-command.ts";

const SECRET = "secret-of-the-emulated-cloud";
const POOL = {
  name: "guangzhou-extranet-kunpeng",
  architecture: "kunpeng",
  total: { VCPU: 100, MEMORY_GIB: 400 },
};
const RULES = `
apiVersion: yunheng/v1
kind: ImportRules
rules:
  - match: { name: "health-{app}" }
    organization: gd-guangzhou-health
    system: { name: "{app}", mlpsLevel: 2, dataClass: general }
    pool: ${POOL.name}
    until: 2027-06-30
`;

interface Emulated {
  readonly provider: CloudProvider;
  /** As somebody with the cloud's own tools would. */
  makeByHand(name: string): Promise<void>;
  close(): Promise<void>;
}

async function openstack(): Promise<Emulated> {
  const server = await startOpenstackClouds({
    port: 0,
    host: "127.0.0.1",
    password: SECRET,
    dataDir: null,
    latencyMs: { min: 0, max: 1 },
    clock: systemClock,
    onDefect: (error) => {
      throw error;
    },
    clouds: [{ id: "gz", pools: [POOL] }],
  });
  const authUrl = `${server.url}/gz/identity/v3`;
  const domain = { userDomain: "Default", projectDomain: "Default" };
  const login = { username: "admin", password: SECRET, project: "admin", ...domain };
  const hands = await openstackHands({ authUrl, region: "RegionOne", ...login });
  const credential = { kind: "password", ...login };
  return {
    provider: await openProvider("openstack", { authUrl, region: "RegionOne", credential }),
    async makeByHand(name) {
      await hands.done("identity", "POST", "/projects", { project: { name, domain_id: "default" } });
    },
    close: () => server.close(),
  };
}

async function kubernetes(): Promise<Emulated> {
  const emulator = await startKubernetesEmulator({
    port: 0,
    host: "127.0.0.1",
    token: SECRET,
    dataDir: null,
    delayMs: { min: 1, max: 2 },
    clock: systemClock,
    clusters: [{ id: "gz", pools: [POOL] }],
  });
  const server = `${emulator.url}/clusters/gz`;
  return {
    provider: await openProvider("kubernetes", { server, token: SECRET, poolLabel: "yunheng.io/pool" }),
    async makeByHand(name) {
      const answer = await fetch(`${server}/api/v1/namespaces`, {
        method: "POST",
        headers: { authorization: `Bearer ${SECRET}`, "content-type": "application/json" },
        body: JSON.stringify({ metadata: { name } }),
      });
      expect(answer.status).toBe(201);
    },
    close: () => emulator.close(),
  };
}

let story: Story;
let folder: string;
beforeAll(async () => {
  story = await openStory();
  folder = mkdtempSync(join(tmpdir(), "yunheng-import-"));
  writeFileSync(join(folder, "rules.yaml"), RULES);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await story.close();
});

it.each([
  ["openstack", openstack],
  ["kubernetes", kubernetes],
])(
  "takes in what was made by hand at a cloud of the kind %s, under the name that it has",
  async (kind, start) => {
    const cloud = await start();
    try {
      const name = `health-${kind}`;
      await cloud.makeByHand(name);
      const clouds = { open: async () => cloud.provider };
      const lines: string[] = [];
      const options = {
        cloudId: "guangzhou",
        rulesFile: join(folder, "rules.yaml"),
        dryRun: false,
        overLimit: undefined,
      };
      expect(await importCommand(story.app, clouds, options, (line) => lines.push(line))).toBe(0);
      expect(lines.join("\n")).toContain(`import: ${name} → gd-guangzhou-health ${kind}`);
      const placed = await story.one(
        sql`SELECT id, tenancy_id FROM placements WHERE desired -> 'tenancy' ->> 'name' = ${name}`,
      );
      await story.reconcile(String(placed.tenancy_id), story.app, clouds);
      expect((await cloud.provider.getTenancy(name)).ownership).toMatchObject({
        installation: "yunheng",
        tenancyId: placed.tenancy_id,
        placementId: placed.id,
      });
      const state = await story.one(sql`
      SELECT observed_generation = desired_generation AS converged FROM placements WHERE id = ${placed.id}`);
      expect(state.converged).toBe(true);
    } finally {
      await cloud.close();
    }
  },
);
