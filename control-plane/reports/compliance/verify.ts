import { createHash } from "node:crypto";
import { z } from "zod";
import { objectionTo, type Proof, proofOf } from "../../audit/proof.ts";
import { placeOf } from "../../compliance/place.ts";
import type { App } from "../../context.ts";
import { type CloudId, knownId } from "../../kernel/ids.ts";
import type { Text } from "../../kernel/text.ts";
import { loadContent } from "./load-content.ts";
import { includesOf } from "./question.ts";

/** What is found out about a file that claims to be a report of this installation. */
export interface Verification {
  readonly ok: boolean;
  readonly sha256: string;
  readonly finding: "intact" | "unknown" | "not_sealed" | "changed_log" | "not_signed" | "changed_data";
  readonly message: Text;
  /** Who had it handed out, when, and where that stands in the chain. */
  readonly issued: { readonly at: string; readonly by: string; readonly seq: number | null } | null;
}

const MESSAGES: Readonly<Record<Verification["finding"], Text>> = {
  intact: {
    zh: "与出具时逐字节一致，审计链与原始评估数据均相符",
    en: "Byte for byte what was handed out; the audit chain and the assessment agree",
  },
  unknown: {
    zh: "审计链中没有这样的报告：文件被改动，或不是本平台出具",
    en: "The audit chain knows no such report: the file was changed, or comes from elsewhere",
  },
  not_sealed: {
    zh: "报告刚刚出具，尚未被检查点覆盖，请稍后再试",
    en: "Handed out just now and not covered by a checkpoint yet; try again in a minute",
  },
  changed_log: { zh: "审计链中的记录被改动", en: "The audit chain was changed" },
  not_signed: { zh: "审计检查点的签名无效", en: "The checkpoint's signature is not valid" },
  changed_data: {
    zh: "审计链相符，但按现存评估数据得不到同样的报告：数据被改动",
    en: "The audit chain agrees, but the stored assessment makes another report now: the data was changed",
  },
};

/** As `issue.ts` has written it down. */
const Issued = z.object({
  framework: z.string().nullable(),
  scope: z.string(),
  day: z.string(),
  instant: z.string(),
  readerScope: z.object({
    everywhere: z.boolean(),
    cloudIds: z.array(z.string().transform((id) => knownId<CloudId>(id))),
    organizationPaths: z.array(z.string()),
  }),
  digest: z.string(),
});

/** Looks a file up by the digest of its bytes, checks the chain around the entry, and makes the report again. */
export async function verifyReport(
  app: Pick<App, "db" | "config">,
  file: AsyncIterable<Uint8Array>,
): Promise<Verification> {
  const hash = createHash("sha256");
  for await (const chunk of file) hash.update(chunk);
  const sha256 = hash.digest("hex");
  const proof = await app.db.read((tx) => proofOf(tx, "report.issue", sha256));
  if (proof === null) return { ...verdict("unknown"), sha256, issued: null };
  const issued = { at: proof.entry.at, by: proof.entry.actor.name, seq: proof.seal?.seq ?? null };
  return { ...verdict(await objection(app, proof)), sha256, issued };
}

async function objection(app: Pick<App, "db" | "config">, proof: Proof): Promise<Verification["finding"]> {
  const against = await app.db.read((tx) => objectionTo(tx, proof, app.config.INSTALLATION));
  if (against === "changed") return "changed_log";
  if (against !== null) return against;
  const { digest, ...asked } = Issued.parse(proof.entry.after);
  return (await digestNow(app, asked)) === digest ? "intact" : "changed_data";
}

async function digestNow(
  { db }: Pick<App, "db">,
  { readerScope, instant, scope, framework, day }: Omit<z.infer<typeof Issued>, "digest">,
): Promise<string> {
  const place = await db.read((tx) => placeOf(tx, scope));
  const includes = includesOf(readerScope, place);
  const content = await loadContent(db, {
    framework,
    scope,
    day,
    instant: new Date(instant),
    place,
    includes,
  });
  return content.digest;
}

function verdict(finding: Verification["finding"]): Pick<Verification, "ok" | "finding" | "message"> {
  return { ok: finding === "intact", finding, message: MESSAGES[finding] };
}
