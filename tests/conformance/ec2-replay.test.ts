import { SignatureV4 } from "@smithy/signature-v4";
import { XMLParser } from "fast-xml-parser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Sha256 } from "../../providers/ec2/emulator/sha256.ts";
import { ec2Kind } from "../../providers/ec2/emulator.ts";
import { EC2_RECORDED } from "../fixtures/ec2/recorded.ts";
import { type Served, served } from "../support/emulation.ts";

/**
 * What a real service answered, asked of the emulator once more, in the same order. Ids differ, so each one
 * that is recorded is replaced by what the emulator answered at its place.
 */

const KEYS = { accessKeyId: "AKIAREPLAY", secretAccessKey: "replayed" };
const { wire } = EC2_RECORDED;

/** The emulator has a catalogue of its own, and its images are the account's. */
const OTHER_NAMES: readonly (readonly [string, string])[] = [
  ["c5.large", "x.2c4g"],
  ["c5.xlarge", "x.4c8g"],
  ["Owner.1=amazon", "Owner.1=self"],
];

/** Elements whose text does not depend on the place or the time. */
const SAME_TEXT =
  /\.(code|name|key|value|cidrBlock|cidrIp|groupName|groupDescription|ipProtocol|fromPort|toPort|zoneName|return|size|targetSize|originalSize|defaultVCpus|sizeInMiB|architecture|availabilityZone|launchTemplateName|isDefault)$/;

/** Left out by the service, and in the API reference: a new default group admits its own members. */
const BEYOND =
  /Response\.return$|^(Create|Delete)SecurityGroupResponse\.|securityGroupInfo\.item\.ipPermissions\.|\.cpuOptions\.|\.attachmentSet\.item\.deleteOnTermination$/;

const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === "item" });
const ids = new Map<string, string>();
let emulator: Served;

beforeAll(async () => {
  const [image = ""] = /ami-[0-9a-f]+/.exec(JSON.stringify(wire)) ?? [];
  const [, name = ""] =
    /<name>([^<]+)</.exec(wire.find((one) => one.request.includes("Images"))?.response ?? "") ?? [];
  const kind = ec2Kind({
    keys: KEYS,
    dataDir: null,
    delayMs: { min: 0, max: 0 },
    clock: { now: () => new Date() },
    clouds: {
      replay: {
        zones: ["cn-north-1a", "cn-north-1b"].map((zone) => ({ name: zone, total: {} })),
        images: [{ id: image, name, architecture: "x86_64" }],
        instancesMax: 20,
      },
    },
  });
  emulator = await served(kind);
});
afterAll(() => emulator.close());

test("the recording says of what it is", () => {
  expect(EC2_RECORDED.product).toContain("moto 5.2.5");
  expect(wire.length).toBeGreaterThan(40);
});

test.each(wire)("$name", async ({ request, status, response }) => {
  const answer = await ask(translated(request));
  expect(answer.status, answer.text).toBe(status);
  const [real, ours] = [leavesIn(response), leavesIn(answer.text)];
  for (const [path, [text = ""]] of real) {
    // Lists come in no order, so an id is learnt where its object is made.
    if (/^[a-z]+-[0-9a-f]{8,17}$/.test(text) && !ids.has(text)) ids.set(text, ours.get(path)?.[0] ?? text);
  }
  if (status >= 400) {
    expect(ours.get("Response.Errors.Error.Code")).toEqual(real.get("Response.Errors.Error.Code"));
    expect([...ours.keys()].sort()).toEqual([...real.keys()].sort());
    return;
  }
  expect([...ours.keys()].filter((path) => !real.has(path) && !BEYOND.test(path))).toEqual([]);
  for (const [path, texts] of ours) {
    if (!SAME_TEXT.test(path) || BEYOND.test(path)) continue;
    expect([path, ...texts.sort()]).toEqual([path, ...(real.get(path) ?? []).map(translated).sort()]);
  }
});

function translated(request: string): string {
  const renamed = OTHER_NAMES.reduce((text, [from, to]) => text.replaceAll(from, to), request);
  return [...ids].reduce((text, [from, to]) => text.replaceAll(from, to), renamed);
}

/** Texts by the path of their element; the entries of a list share one. */
function leavesIn(xml: string): Map<string, string[]> {
  const leaves = new Map<string, string[]>();
  const visit = (node: unknown, path: string): void => {
    if (Array.isArray(node)) for (const entry of node) visit(entry, path);
    else if (typeof node === "object" && node !== null) {
      for (const [name, child] of Object.entries(node)) visit(child, path === "" ? name : `${path}.${name}`);
    } else if (node !== "") leaves.set(path, [...(leaves.get(path) ?? []), String(node)]);
  };
  const { "?xml": _, ...root } = parser.parse(xml) as Record<string, unknown>;
  visit(root, "");
  return leaves;
}

async function ask(body: string): Promise<{ status: number; text: string }> {
  const { host, hostname } = new URL(emulator.url);
  const signer = new SignatureV4({ service: "ec2", region: "cn-north-1", credentials: KEYS, sha256: Sha256 });
  const signed = await signer.sign({
    method: "POST",
    protocol: "http:",
    hostname,
    path: "/ec2/replay",
    query: {},
    headers: { host, "content-type": "application/x-www-form-urlencoded" },
    body,
  });
  const answer = await fetch(`${emulator.url}/ec2/replay`, {
    method: "POST",
    headers: signed.headers,
    body,
  });
  return { status: answer.status, text: await answer.text() };
}
