import { beforeAll, describe, expect, it, test } from "vitest";
import { CONFIG_VARIABLES, readConfig } from "../../control-plane/config.ts";
import {
  compose,
  composeText,
  ownServices,
  programCommands,
  type Service,
  substituted,
} from "./deployment.ts";

const GIVEN = { POSTGRES_PASSWORD: "6f1d3c0a", SIMULATOR_TOKEN: "0123456789abcdef0123" };

const environmentOf = (service: Service): Record<string, string> =>
  Object.fromEntries(
    Object.entries(service.environment).map(([name, value]) => [name, substituted(value, GIVEN)]),
  );

function serviceNamed(name: string): Service {
  const service = compose.services[name];
  if (service === undefined) throw new Error(`compose.yaml has no service ${name}`);
  return service;
}

describe("commands", () => {
  let known: string[];
  beforeAll(() => {
    known = programCommands();
  });

  it("reads the program's own list", () => {
    expect(known).toEqual(expect.arrayContaining(["all", "serve", "work", "simulate", "init", "migrate"]));
  });

  it.each(ownServices)("%s runs a command that the program has", (_name, { command }) => {
    expect(command).toHaveLength(1);
    expect(known).toContain(command?.[0]);
  });
});

describe.each(ownServices)("variables of %s", (_name, service) => {
  it("are all read by the program", () => {
    expect(Object.keys(service.environment).filter((name) => !(name in CONFIG_VARIABLES))).toEqual([]);
  });

  it("have usable values", () => {
    const environment = environmentOf(service);
    const config = readConfig({}, environment);
    for (const [name, value] of Object.entries(environment)) {
      expect(config).toHaveProperty(
        name,
        typeof config[name as keyof typeof config] === "number" ? Number(value) : value,
      );
    }
  });
});

test("every role that needs the database is given it, and waits until it is migrated", () => {
  for (const name of ["serve", "work"]) {
    const { environment, depends_on } = serviceNamed(name);
    expect(environment.DATABASE_URL).toContain("@database:5432/yunheng");
    expect(depends_on.init?.condition).toBe("service_completed_successfully");
  }
  expect(serviceNamed("init").environment.DATABASE_URL).toBe(serviceNamed("work").environment.DATABASE_URL);
  expect(serviceNamed("init").depends_on.database?.condition).toBe("service_healthy");
});

test("worker and emulated clouds agree on address and secret, which the API never sees", () => {
  const work = environmentOf(serviceNamed("work"));
  const simulate = environmentOf(serviceNamed("simulate"));
  const url = new URL(work.SIMULATOR_URL ?? "");
  expect(url.hostname in compose.services).toBe(true);
  expect(url.port).toBe(simulate.SIMULATOR_PORT);
  expect(work.SIMULATOR_TOKEN).toBe(simulate.SIMULATOR_TOKEN);
  expect(serviceNamed("serve").environment).not.toHaveProperty("SIMULATOR_TOKEN");
});

test("the published port leads to the port the program listens on by default", () => {
  const [mapping = ""] = serviceNamed("serve").ports;
  const shown = substituted(mapping, GIVEN);
  expect(shown).toBe(`127.0.0.1:8080:${readConfig({}, {}).PORT}`);
  expect(ownServices.flatMap(([, { ports }]) => ports)).toHaveLength(1);
});

test("no secret has a default, and compose refuses to start without it", () => {
  const environments = Object.values(compose.services).flatMap(({ environment }) =>
    Object.entries(environment),
  );
  const secrets = environments.filter(([name]) => /PASSWORD|TOKEN|SECRET|KEY/.test(name));
  expect(secrets).toHaveLength(3);
  for (const [name, value] of secrets) expect(value, name).toMatch(/^\$\{\w+:\?[^}]+\}$/);
  for (const [name, value] of environments.filter(([, text]) => text.includes("://") && text.includes("@"))) {
    expect(value, name).toMatch(/:\/\/\w+:\$\{\w+:\?[^}]+\}@/);
  }
  expect(() => substituted(composeText, {})).toThrow("POSTGRES_PASSWORD is not set");
});

test("every named volume that is mounted exists, and none is left over", () => {
  const mounted = Object.values(compose.services).flatMap(({ volumes }) =>
    volumes.map((volume) => volume.split(":")[0] ?? ""),
  );
  expect([...new Set(mounted)].sort()).toEqual(Object.keys(compose.volumes).sort());
});

test("whoever signs checkpoints or exports has the one signing key, and nobody else", () => {
  const sharing = Object.values(compose.services).filter(({ volumes }) =>
    volumes.some((volume) => volume.startsWith("audit-key:")),
  );
  expect(sharing).toEqual([serviceNamed("serve"), serviceNamed("work")]);
  const mounts = sharing.flatMap(({ volumes }) => volumes);
  expect(mounts).toEqual(sharing.map(() => "audit-key:/var/lib/yunheng"));
});

test("what has a port is asked for its health", () => {
  expect(serviceNamed("database").healthcheck?.test).toContain("pg_isready");
  for (const name of ["serve", "simulate"]) expect(serviceNamed(name).healthcheck?.disable).not.toBe(true);
});

test.each(ownServices)("%s cannot change its own files", (_name, service) => {
  expect(service.read_only).toBe(true);
});
