import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openstackKind } from "../../providers/openstack/emulator.ts";
import { type Served, served } from "../support/emulation.ts";
import { type Exchange, recordedOpenstack } from "../support/recorded-openstack.ts";

/**
 * The emulator answers what the real services have answered: the same requests in the same order, with the
 * ids that it gives itself. Status and shape are compared, and refusals to the last word.
 */

const CLOUD = "recorded";
const SERVICES: Readonly<Record<string, string>> = {
  "5000": "/identity",
  "8774": "/compute",
  "9696": "/network",
  "9292": "/image",
  "8778": "/placement",
};

/** Whose token a request bore; the recording leaves tokens out. */
const BY_TENANT =
  /^nova: (create server|server (in|build|active)|list (by tag|page)|limits|stop)|tenant may not|application cred/;

let server: Served;
/** What the recording calls so, the emulator calls otherwise. */
const renamed = new Map<string, string>();
const tokens = { admin: "", tenant: "" };

beforeAll(async () => {
  const kind = openstackKind({
    password: "admin",
    dataDir: null,
    delayMs: { min: 400, max: 500 },
    clock: { now: () => new Date() },
    clouds: [
      {
        id: CLOUD,
        images: [],
        // As the recorded one.
        routers: false,
        volumes: false,
        pools: [
          {
            name: "nova",
            hosts: 2,
            total: { VCPU: 2_000, MEMORY_GIB: 1_600, BLOCK_STORAGE_GIB: 1_200_000 },
            allocationRatio: { VCPU: 16, MEMORY_GIB: 1.5 },
          },
        ],
      },
    ],
  });
  server = await served(kind);
});
afterAll(() => server.close());

describe("the emulated OpenStack against the recorded one", () => {
  for (const exchange of recordedOpenstack()) {
    const { method, url } = exchange.request;
    test(`${exchange.name}: ${method} ${new URL(url).pathname}`, async () => {
      const answer = await replayed(exchange);
      expect(answer.status).toBe(exchange.response.status);
      const { body } = exchange.response;
      if (exchange.response.status >= 400) {
        expect(withoutIds(answer.body)).toEqual(withoutIds(inOurNames(body)));
      } else {
        learn(body, answer.body);
        if (exchange.name === "glance: create image for another CPU family") await uploadToo(answer.body);
        expect(differences(body, answer.body, "")).toEqual([]);
      }
      for (const name of ["location", "openstack-api-version", "x-subject-token", "www-authenticate"]) {
        expect([name, answer.headers.has(name)]).toEqual([name, name in exchange.response.headers]);
      }
    });
  }
});

async function replayed(exchange: Exchange) {
  // Neither here nor there is a server built or removed at once.
  for (let look = 0; ; look += 1) {
    const answer = await sent(exchange);
    const same =
      answer.status === exchange.response.status &&
      (answer.status >= 400 || differences(exchange.response.body, answer.body, "").length === 0) &&
      statusIn(answer.body) === statusIn(exchange.response.body);
    const maySettle = exchange.request.method === "GET" || answer.status === 409;
    if (same || !maySettle || look === 400) return answer;
    await sleep(50);
  }
}

async function sent({ name, request, response }: Exchange) {
  const from = new URL(request.url);
  const path = inOurNames(`${from.pathname}${from.search}`);
  const own =
    name === "nova: invalid token" ? "not-a-token" : BY_TENANT.test(name) ? tokens.tenant : tokens.admin;
  const body = request.body === null ? undefined : bodyOf(inOurNames(request.body));
  const reply = await fetch(`${server.url}/openstack/${CLOUD}${SERVICES[from.port]}${path}`, {
    method: request.method,
    redirect: "manual",
    headers: { ...request.headers, "x-auth-token": own },
    ...(body === undefined ? {} : { body }),
  });
  const token = reply.headers.get("x-subject-token");
  if (token !== null)
    tokens[response.headers["x-subject-token"] === "gAAAAAB-token-1" ? "admin" : "tenant"] = token;
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: text === "" ? null : jsonOrText(text) };
}

/** The recording lists this image as active and leaves out its upload. */
async function uploadToo(image: unknown): Promise<void> {
  const id = isObject(image) ? image.id : undefined;
  const reply = await fetch(`${server.url}/openstack/${CLOUD}/image/v2/images/${id}/file`, {
    method: "PUT",
    headers: { "x-auth-token": tokens.admin },
    body: "x",
  });
  expect(reply.status).toBe(204);
}

function bodyOf(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function inOurNames<Value>(value: Value): Value {
  let text = JSON.stringify(value);
  for (const [theirs, ours] of renamed) text = text.replaceAll(theirs, ours);
  return JSON.parse(text) as Value;
}

/** Ids at the same place mean the same thing. */
function learn(theirs: unknown, ours: unknown): void {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    for (const [index, item] of theirs.entries()) learn(item, sameNamed(item, ours) ?? ours[index]);
    return;
  }
  if (!isObject(theirs) || !isObject(ours)) return;
  for (const [key, value] of Object.entries(theirs)) {
    const own = ours[key];
    const isId = (key === "id" || key === "uuid") && typeof value === "string" && value.length >= 32;
    if (isId && typeof own === "string") renamed.set(value, own);
    else learn(value, own);
  }
}

function sameNamed(item: unknown, among: readonly unknown[]): unknown {
  if (!isObject(item) || typeof item.name !== "string") return undefined;
  return among.find((one) => isObject(one) && one.name === item.name);
}

/** Where one has a field that the other lacks, or a value of another type. */
function differences(theirs: unknown, ours: unknown, path: string): string[] {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    const [first] = theirs;
    if (first === undefined || ours.length === 0) return [];
    return differences(first, sameNamed(first, ours) ?? ours[0], `${path}[]`);
  }
  if (isObject(theirs) && isObject(ours)) {
    const byId = Object.keys(theirs).some((key) => renamed.has(key)) || IS_KEYED.test(path);
    if (byId) return differences(Object.values(theirs).slice(0, 1), Object.values(ours).slice(0, 1), path);
    const names = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    return [...names].flatMap((name) => {
      if (!(name in ours)) return [`${path}.${name} is missing`];
      if (!(name in theirs)) return [`${path}.${name} is not in the real answer`];
      return differences(theirs[name], ours[name], `${path}.${name}`);
    });
  }
  return typeName(theirs) === typeName(ours)
    ? []
    : [`${path}: ${typeName(ours)} instead of ${typeName(theirs)}`];
}

/** Objects whose keys are names: of hosts, providers, networks. */
const IS_KEYED = /\.(hosts|addresses|allocations|provider_summaries|mappings)$/;

function typeName(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function statusIn(body: unknown): unknown {
  return isObject(body) && isObject(body.server) ? body.server.status : undefined;
}

/** Ids of requests, and of objects that occur in a refusal only. */
function withoutIds(body: unknown): unknown {
  return JSON.parse(
    JSON.stringify(body ?? null).replace(
      /\b([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/g,
      "id",
    ),
  );
}
