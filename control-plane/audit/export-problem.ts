import type { Text } from "../kernel/text.ts";
import type { ReadLine } from "./export-format.ts";
import type { ChainProblemKind } from "./verify-chain.ts";

export type ExportProblemKind = ChainProblemKind | "bad_signature" | "damaged_line" | "wrong_key";

/** The first thing that is wrong. `seq` and `entryId` are null where no row can be named. */
export interface ExportProblem {
  readonly kind: ExportProblemKind;
  readonly seq: number | null;
  readonly entryId: string | null;
  readonly line: number | null;
  readonly message: Text;
}

export function damaged(read: Extract<ReadLine, { damage: string }>, seq: number | null): ExportProblem {
  if (read.isCut) {
    return problem("truncated", seq, read.line, "结尾被截断", "The tail was cut off within a line");
  }
  return problem(
    "damaged_line",
    seq,
    read.line,
    `无法读取此行：${read.damage}`,
    `Unreadable line: ${read.damage}`,
  );
}

export function wrongKey(keyId: string, seq: number | null, line: number): ExportProblem {
  return problem(
    "wrong_key",
    seq,
    line,
    `密钥 ${keyId} 不可信或与其编号不符`,
    `Key ${keyId} is not trusted, or not what its id says`,
  );
}

export function problem(
  kind: ExportProblemKind,
  seq: number | null,
  line: number | null,
  zh: string,
  en: string,
): ExportProblem {
  return { kind, seq, entryId: null, line, message: { zh, en } };
}
