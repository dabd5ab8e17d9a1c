import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kubernetesKind } from "../../providers/kubernetes/emulator.ts";
import { type Served, served } from "../support/emulation.ts";
import { type Exchange, recordedKubernetes } from "../support/recorded.ts";

const FILES = ["kubernetes-1.20.2.json", "kubernetes-1.20.2-apply.json"];
const ADMIN = "admin-token";
const ALICE = "token-of-alice";

/** Who sent what: the recordings hold no tokens. */
const TOKENS: Readonly<Record<string, string | null>> = { unauthenticated: null, forbidden: ALICE };

/** What differs from run to run in what is said. */
const LOOSE = [
  [/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, "UID"],
  [/\(\d+\)/g, "(VERSION)"],
] as const;

describe.each(FILES)("the emulator answers as the real one did: %s", (file) => {
  let emulator: Served;
  let url: string;
  beforeAll(async () => {
    const kind = kubernetesKind({
      token: ADMIN,
      users: { [ALICE]: { name: "alice", groups: ["rig:tenants"] } },
      dataDir: null,
      // The recorded one had none either.
      hasNodes: false,
      delayMs: { min: 20, max: 40 },
      clock: { now: () => new Date() },
      clouds: [{ id: "recorded", images: [], storageClasses: [] }],
    });
    emulator = await served(kind);
    url = `${emulator.url}/kubernetes/recorded`;
  });
  afterAll(() => emulator.close());

  test.each(recordedKubernetes(file))("$name", async (exchange) => {
    if (exchange.name.startsWith("watch:")) await emulator.admin("DELETE", "recorded/history");
    const { status, body } = await replayed(url, exchange);
    expect(status).toBe(exchange.response.status);
    if (status >= 400) expect(plain(body)).toEqual(plain(exchange.response.body));
    else expect(shapeOf(body)).toEqual(shapeOf(exchange.response.body));
  });
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What a controller has to bring about first is looked for until it is there. */
async function replayed(url: string, exchange: Exchange): Promise<Answer> {
  const patientUntil = performance.now() + (exchange.request.method === "GET" ? 2_000 : 0);
  // The default account and the quota's status are there by then, as they were when this was recorded.
  if (exchange.request.path.includes("/pods")) await sleep(200);
  for (;;) {
    const answer = await send(url, exchange);
    const { response } = exchange;
    const same =
      answer.status === response.status &&
      JSON.stringify(shapeOf(answer.body)) === JSON.stringify(shapeOf(response.body));
    if (same || performance.now() > patientUntil) return answer;
    await sleep(10);
  }
}

async function send(url: string, { name, request }: Exchange): Promise<Answer> {
  const token = name in TOKENS ? TOKENS[name] : ADMIN;
  const response = await fetch(`${url}${request.path}`, {
    method: request.method,
    headers: {
      ...request.headers,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(request.body === null ? {} : { body: JSON.stringify(request.body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

function plain(body: unknown): unknown {
  let text = JSON.stringify(body);
  for (const [pattern, word] of LOOSE) text = text.replace(pattern, word);
  return JSON.parse(text);
}

/** Names and kinds of everything, without the values: which fields a manager owns is a value too. */
function shapeOf(value: unknown, name = ""): unknown {
  if (name === "fieldsV1") return "fields";
  if (Array.isArray(value)) {
    // Several managers may own parts: each entry looks the same, and so do the items of a list.
    const shapes = value.map((item) => JSON.stringify(shapeOf(item)));
    return name === "managedFields" ? "entries" : [...new Set(shapes)].sort();
  }
  if (typeof value !== "object" || value === null) return typeof value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, child]) => [key, shapeOf(child, key)]));
}
