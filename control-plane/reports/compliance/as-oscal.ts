import { createHash } from "node:crypto";
import { VERDICT_WORDS, type Verdict } from "../../compliance/verdict.ts";
import { VERSION } from "../../version.ts";
import { basisText, shown } from "./columns.ts";
import type { Content, ControlSummary, Entry, Head } from "./content.ts";

const OSCAL_VERSION = "1.1.3";
const NAMESPACE = "urn:yunheng:compliance";

/**
 * OSCAL assessment results: one observation for each entry, one finding for each control. OSCAL knows `satisfied`
 * and `not-satisfied` only; what a control really comes to stands in the property `verdict`.
 */
export async function* asOscal(content: Content): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const { head, digest, summary, entries } = content;
  const start = resultHead(content);
  const document = {
    uuid: uuidOf(digest, "document"),
    metadata: metadataOf(head, digest),
    "import-ap": { href: `#${uuidOf(digest, "plan")}` },
  };
  yield encoder.encode(
    `{"assessment-results":${JSON.stringify(document).slice(0, -1)},"results":[${JSON.stringify(start).slice(0, -1)}`,
  );
  const observed = new Map<string, string[]>();
  let count = 0;
  for await (const page of entries()) {
    if (page.length === 0) continue;
    const lines = page.map((entry) => {
      const uuid = uuidOf(digest, `${entry.resource.key} ${entry.control.id}`);
      observed.set(entry.control.id, [...(observed.get(entry.control.id) ?? []), uuid]);
      return JSON.stringify(observationOf(uuid, entry));
    });
    yield encoder.encode(`${count === 0 ? ',"observations":[' : ","}${lines.join(",\n")}`);
    count += page.length;
  }
  if (count > 0) yield encoder.encode("]");
  const findings = summary.controls.map((one) => findingOf(digest, one, observed.get(one.control.id) ?? []));
  if (findings.length > 0) yield encoder.encode(`,"findings":${JSON.stringify(findings)}`);
  const backMatter = { resources: [planOf(head, digest)] };
  yield encoder.encode(`}],"back-matter":${JSON.stringify(backMatter)}}}\n`);
}

function metadataOf({ asOf, assessment, disclaimer }: Head, digest: string) {
  return {
    title: `云衡合规评估结果 Yunheng compliance assessment results, ${asOf}`,
    "last-modified": assessment.completedAt,
    version: VERSION,
    "oscal-version": OSCAL_VERSION,
    props: [prop("content-digest", digest)],
    remarks: `${disclaimer.zh}\n\n${disclaimer.en}`,
  };
}

function resultHead({ head, summary, digest }: Content) {
  const { assessment, audit, scope, framework, policyDigest } = head;
  return {
    uuid: uuidOf(digest, "result"),
    title: `Assessment ${assessment.id}`,
    description: `Configuration as the clouds showed it, by ${summary.controls.length} controls`,
    start: assessment.completedAt,
    end: assessment.completedAt,
    props: [
      prop("scope", scope),
      prop("framework", framework ?? "all"),
      prop("policy-digest", policyDigest),
      prop("results-digest", assessment.resultsDigest),
      ...(summary.score === null ? [] : [prop("score", String(summary.score))]),
      ...(audit === null ? [] : [prop("audit-seq", String(audit.seq)), prop("audit-hash", audit.hash)]),
    ],
    "reviewed-controls": {
      "control-selections": [
        summary.controls.length === 0
          ? { "include-all": {} }
          : { "include-controls": summary.controls.map(({ control }) => ({ "control-id": control.id })) },
      ],
    },
  };
}

function observationOf(
  uuid: string,
  { control, resource, verdict, shortfalls, exemption, finding, seenAt }: Entry,
) {
  const found = shortfalls.map(({ message, actual, required }) =>
    [message.en, `found ${shown(actual)}`, `required ${shown(required)}`].join("; "),
  );
  return {
    uuid,
    title: `${control.rule} ${resource.key}`,
    description: found.join("\n") || VERDICT_WORDS[verdict].en,
    props: [
      prop("control", control.id),
      prop("verdict", verdict),
      prop("resource", resource.key),
      ...(resource.organizationId === null ? [] : [prop("organization", resource.organizationId)]),
      ...(resource.cloudId === null ? [] : [prop("cloud", resource.cloudId)]),
      ...(finding === null ? [] : [prop("finding", finding.id), prop("finding-status", finding.status)]),
      ...(exemption === null ? [] : [prop("exemption", exemption.id)]),
    ],
    methods: ["TEST"],
    collected: seenAt,
  };
}

const SATISFIED: readonly Verdict[] = ["pass", "not_applicable"];

function findingOf(
  digest: string,
  { control, verdict, counts }: ControlSummary,
  observations: readonly string[],
) {
  return {
    uuid: uuidOf(digest, `finding ${control.id}`),
    title: `${control.rule} ${control.title.en}`,
    description: `${control.title.zh} (${basisText(control.basis)}): ${VERDICT_WORDS[verdict].zh}`,
    props: [
      prop("verdict", verdict),
      ...Object.entries(counts).map(([name, count]) =>
        prop(`count-${name.replaceAll("_", "-")}`, String(count)),
      ),
      prop("severity", control.severity),
      prop("assessment", control.assessment),
    ],
    target: {
      type: "objective-id",
      "target-id": control.id,
      status: { state: SATISFIED.includes(verdict) ? "satisfied" : "not-satisfied" },
    },
    ...(observations.length === 0
      ? {}
      : { "related-observations": observations.map((uuid) => ({ "observation-uuid": uuid })) }),
    ...(control.remediation === null ? {} : { remarks: control.remediation.en }),
  };
}

/** The rules are the plan; what they were is named by their digest. */
function planOf({ policyDigest }: Head, digest: string) {
  return {
    uuid: uuidOf(digest, "plan"),
    title: "策略集 Policy set",
    description: `Rules with the digest ${policyDigest}`,
  };
}

/** A value may neither be empty nor begin or end with a space. */
function prop(name: string, value: string) {
  return { name, ns: NAMESPACE, value: value.trim() === "" ? "-" : value.trim() };
}

/** RFC 9562 version 5: the same content has the same ids. */
function uuidOf(digest: string, name: string): string {
  const hash = createHash("sha1").update(`${NAMESPACE} ${digest} ${name}`).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex").slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
