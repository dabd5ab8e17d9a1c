import { z } from "zod";
import type { Checkpoint } from "./chain.ts";
import { CheckpointBody, linesOf } from "./export-format.ts";
import { isPublicKey, type Verdict, verifyExport } from "./verify-export.ts";

interface Trust {
  /** SPKI PEM, obtained from the installation by another way than the export. */
  readonly trustedKey: string | undefined;
  /** JSON of a checkpoint that was published earlier. */
  readonly checkpoint: string | undefined;
}

/** `yunheng audit verify --from-export FILE`: needs neither database nor network. Resolves with the exit code. */
export async function verifyFile(
  chunks: AsyncIterable<Uint8Array | string>,
  { trustedKey, checkpoint }: Trust,
  print: (line: string) => void,
): Promise<number> {
  const verdict = await verifyExport(linesOf(chunks), {
    ...(trustedKey === undefined ? {} : { trustedPublicKey: trustedKeyOf(trustedKey) }),
    ...(checkpoint === undefined ? {} : { checkpoint: checkpointOf(checkpoint) }),
  });
  for (const line of describeVerdict(verdict)) print(line);
  return verdict.ok ? 0 : 1;
}

/** Takes a checkpoint as the API hands it out, with the public key beside it: that one proves nothing here. */
const PublishedCheckpoint = CheckpointBody.extend({ publicKey: z.string().optional() });

/** What was given beside the export cannot be used; the message says so in words. */
export class TrustError extends Error {}

function checkpointOf(text: string): Checkpoint {
  const parsed = PublishedCheckpoint.safeParse(jsonOf(text));
  if (!parsed.success) {
    throw new TrustError(
      "--checkpoint：不是接口 /audit/checkpoints 给出的单个检查点 JSON / not one checkpoint in JSON as /audit/checkpoints gives it",
    );
  }
  const { publicKey: _, ...checkpoint } = parsed.data;
  return checkpoint;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Refused by the schema like any other text.
  }
}

function trustedKeyOf(pem: string): string {
  if (isPublicKey(pem)) return pem;
  throw new TrustError("--trusted-key：不是 PEM 格式的 Ed25519 公钥 / not an Ed25519 public key in PEM form");
}

export function describeVerdict({
  ok,
  count,
  range,
  checkpointsVerified,
  trust,
  problem,
}: Verdict): string[] {
  const rows = range === null ? "0" : `${range.firstSeq}–${range.lastSeq}`;
  const summary = [
    `行 rows: ${count} (${rows})`,
    `检查点 checkpoints verified: ${checkpointsVerified}`,
    `签名依据 signatures checked against: ${trust === "trusted_key" ? "受信公钥 trusted key" : "文件自带公钥 keys in the export"}`,
  ];
  if (ok) return [...summary, "完整 intact"];
  if (problem === null) return [...summary, "不完整 not intact"];
  const where = [
    problem.seq === null ? null : `seq ${problem.seq}`,
    problem.entryId,
    problem.line === null ? null : `line ${problem.line}`,
  ].filter((part) => part !== null);
  return [...summary, `${problem.kind} (${where.join(", ")}): ${problem.message.zh} / ${problem.message.en}`];
}
