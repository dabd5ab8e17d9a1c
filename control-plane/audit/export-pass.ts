import type { KeyObject } from "node:crypto";
import { type Checkpoint, isCheckpointGenuine, isSignedBy } from "./chain.ts";
import type { ExportCheckpoint, ExportFooter, ExportHeader, ReadLine } from "./export-format.ts";
import { damaged, type ExportProblem, problem, wrongKey } from "./export-problem.ts";
import type { ChainItem } from "./verify-chain.ts";

/** An export whose header has been found in order. */
export interface Opened {
  readonly header: ExportHeader;
  readonly headerHash: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/** Feeds the chain's verification, and keeps what it finds besides the chain. */
export class ExportPass {
  readonly #opened: Opened;
  readonly #published: Checkpoint | null;
  #seq: number;
  #checkpointSeq = -1;
  #footer: ExportFooter | null = null;
  /** What the export says about the published checkpoint. */
  isPublishedEqual: boolean | null = null;
  checkpoints = 0;
  problem: ExportProblem | null = null;

  constructor(opened: Opened, published: Checkpoint | null) {
    this.#opened = opened;
    this.#published = published;
    this.#seq = opened.header.from - 1;
  }

  /** Ends at the first record that is wrong in itself, except behind the footer. */
  async *items(records: AsyncIterable<ReadLine>): AsyncGenerator<ChainItem, void> {
    yield* this.#publishedAt(this.#seq, this.#opened.header.previousHash);
    for await (const read of records) {
      this.problem ??= this.#problemOf(read);
      if ("damage" in read) return;
      const { line, record } = read;
      if (record.type === "row") {
        this.#seq = record.seal.seq;
        // Behind a problem too: a row that is missed may still turn up there.
        yield { kind: "row", line, seal: record.seal, entry: record.entry };
        yield* this.#publishedAt(record.seal.seq, record.seal.hash);
      }
      if (this.problem !== null && this.#footer === null) return;
      if (this.problem !== null || record.type === "row") continue;
      if (record.type === "checkpoint") {
        this.checkpoints += 1;
        this.#checkpointSeq = record.seq;
        yield { kind: "anchor", line, seq: record.seq, hash: record.hash, end: false };
      }
      if (record.type === "footer") {
        this.#footer = record;
        yield { kind: "anchor", line, seq: record.lastSeq, hash: record.lastHash, end: true };
      }
    }
    this.problem ??= this.#endProblem();
  }

  /** A complete export that ends before a row which was sealed earlier than the export was made. */
  unreachedCheckpoint(): ExportProblem | null {
    const { header } = this.#opened;
    const [published, footer] = [this.#published, this.#footer];
    if (published === null || footer === null || header.to !== null) return null;
    if (published.seq <= footer.lastSeq || Date.parse(published.sealedAt) > Date.parse(footer.exportedAt))
      return null;
    return problem(
      "truncated",
      footer.lastSeq + 1,
      null,
      `结尾被截断：检查点证明第 ${published.seq} 条曾经存在`,
      `The tail was cut off: the checkpoint proves that row ${published.seq} existed`,
    );
  }

  *#publishedAt(seq: number, hash: string): Generator<ChainItem, void> {
    const published = this.#published;
    if (published === null || published.seq !== seq) return;
    this.isPublishedEqual ??= hash === published.hash;
    const { seq: at, hash: was } = published;
    yield { kind: "anchor", line: null, seq: at, hash: was, end: false, isOutside: true };
  }

  #problemOf(read: ReadLine): ExportProblem | null {
    if ("damage" in read) return damaged(read, this.#seq + 1);
    const { line, record } = read;
    if (record.type === "header" || this.#footer !== null) {
      const seq = record.type === "row" ? record.seal.seq : null;
      return problem("inserted", seq, line, "此处不应再有内容", "Nothing of this kind belongs here");
    }
    if (record.type === "checkpoint") return this.#checkpointProblem(record, line);
    return record.type === "footer" ? this.#footerProblem(record, line) : null;
  }

  #checkpointProblem(record: ExportCheckpoint, line: number): ExportProblem | null {
    const { type: _, ...checkpoint } = record;
    const key = this.#opened.keys.get(record.keyId);
    if (key === undefined) return wrongKey(record.keyId, record.seq, line);
    if (!isCheckpointGenuine(checkpoint, this.#opened.header.installation, key)) {
      return problem(
        "bad_signature",
        record.seq,
        line,
        "检查点的签名无效",
        "The checkpoint's signature is not valid",
      );
    }
    if (record.seq !== this.#checkpointSeq) return null;
    return problem("inserted", record.seq, line, "检查点重复", "The checkpoint is there twice");
  }

  #footerProblem(footer: ExportFooter, line: number): ExportProblem | null {
    const { signature, ...statement } = footer;
    const { header, headerHash, keys } = this.#opened;
    const key = keys.get(footer.keyId);
    if (key === undefined || footer.keyId !== header.keyId) return wrongKey(footer.keyId, null, line);
    if (!isSignedBy(statement, signature, key)) {
      return problem("bad_signature", null, line, "文件尾的签名无效", "The footer's signature is not valid");
    }
    if (footer.headerHash !== headerHash) {
      return problem("changed", null, line, "文件尾属于另一份导出", "The footer belongs to another export");
    }
    return null;
  }

  #endProblem(): ExportProblem | null {
    const footer = this.#footer;
    if (footer === null) {
      return problem(
        "truncated",
        this.#seq + 1,
        null,
        "缺少文件尾，结尾被截断",
        "The footer is missing: the tail was cut off",
      );
    }
    if (footer.checkpoints > this.checkpoints) {
      return problem("removed", null, null, "有检查点被删除", "A checkpoint was removed");
    }
    if (footer.checkpoints < this.checkpoints) {
      return problem("inserted", null, null, "有检查点被加入", "A checkpoint was added");
    }
    return null;
  }
}
