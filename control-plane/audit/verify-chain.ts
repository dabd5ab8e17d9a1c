import type { Text } from "../kernel/text.ts";
import { rowHash, type SealedEntry } from "./chain.ts";

/** A row as it was met; `line` is its line in an export or its ordinal in a query. */
export interface RowItem extends SealedEntry {
  readonly kind: "row";
  readonly line: number;
}

/** Something trusted says that the row `seq` had this hash: a checkpoint, an export's footer. */
export interface AnchorItem {
  readonly kind: "anchor";
  readonly line: number | null;
  readonly seq: number;
  readonly hash: string;
  /** True where the chain must end with this row. */
  readonly end: boolean;
  /** True for what was kept elsewhere: anchors inside the same export prove nothing against it. */
  readonly isOutside?: boolean;
}

export type ChainItem = RowItem | AnchorItem;

export type ChainProblemKind = "changed" | "removed" | "inserted" | "reordered" | "truncated";

/**
 * The first position at which the rows depart from what was sealed.
 * - changed: the row `seq` is not the one that was sealed.
 * - removed: the row `seq` is missing, later rows exist. truncated: it is missing and nothing follows.
 * - inserted: the row that claims `seq` does not belong there.
 * - reordered: the row `seq` exists, at another place.
 */
export interface ChainProblem {
  readonly kind: ChainProblemKind;
  readonly seq: number;
  /** Null where the row does not exist. */
  readonly entryId: string | null;
  readonly line: number | null;
  readonly message: Text;
}

export interface ChainVerdict {
  /** Rows that were in order before the problem, or all. */
  readonly count: number;
  readonly last: { readonly seq: number; readonly hash: string };
  readonly problem: ChainProblem | null;
}

/** What the first row has to continue: seq 0 and `GENESIS_HASH`, or the row before a partial export. */
export interface ChainStart {
  readonly seq: number;
  readonly hash: string;
}

/** A departure whose kind depends on whether a certain row turns up later. */
interface Suspicion {
  readonly isAwaited: (row: RowItem) => boolean;
  readonly ifSeen: (row: RowItem) => ChainProblem;
  readonly otherwise: ChainProblem;
}

/**
 * Verifies in one pass, keeping three items in memory. A forger who re-hashes every later row is
 * found only by an anchor: then the verdict names the anchored row, and the forgery begins there or before.
 */
export async function verifyChain(
  items: Iterable<ChainItem> | AsyncIterable<ChainItem>,
  start: ChainStart,
): Promise<ChainVerdict> {
  const position: Position = { start, last: null, beforeLast: start, count: 0, anchoredSeq: start.seq };
  let suspicion: Suspicion | null = null;
  for await (const [item, next] of withNext(items)) {
    if (suspicion !== null) {
      if (item.kind === "row" && suspicion.isAwaited(item)) return verdict(position, suspicion.ifSeen(item));
      continue;
    }
    const finding = item.kind === "row" ? judgeRow(position, item, next) : judgeAnchor(position, item, next);
    if (finding === null) continue;
    if ("kind" in finding) return verdict(position, finding);
    suspicion = finding;
  }
  return verdict(position, suspicion?.otherwise ?? null);
}

interface Position {
  readonly start: ChainStart;
  last: RowItem | null;
  beforeLast: ChainStart;
  count: number;
  /** The last row that an anchor has confirmed. */
  anchoredSeq: number;
}

function reached(position: Position): ChainStart {
  return position.last?.seal ?? position.start;
}

function verdict(position: Position, problem: ChainProblem | null): ChainVerdict {
  const { seq, hash } = reached(position);
  return { count: position.count, last: { seq, hash }, problem };
}

function judgeRow(position: Position, row: RowItem, next: ChainItem | null): ChainProblem | Suspicion | null {
  const previous = reached(position);
  if (continues(row, previous) && isIntact(row)) {
    position.beforeLast = previous;
    position.last = row;
    position.count += 1;
    return null;
  }
  return departure(position, row, next);
}

/** The cases are tried from the one with the most evidence to the one with the least. */
function departure(position: Position, row: RowItem, next: ChainItem | null): ChainProblem | Suspicion {
  const previous = reached(position);
  const expected = previous.seq + 1;
  const intact = isIntact(row);
  const { last } = position;

  if (isFollowedBy(previous, next)) {
    return intact && row.seal.seq > expected ? misplacedOrCopied(row) : inserted(row);
  }
  if (intact && last !== null && continues(row, position.beforeLast)) {
    // Two rows claim one place: the one that the next row continues was there first.
    return row.seal.hash !== last.seal.hash && isFollowedBy(row.seal, next) ? inserted(last) : inserted(row);
  }
  if (intact && row.seal.seq < expected) return inserted(row);
  if (intact && row.seal.seq === expected) {
    // The row fits the next one but not the one before: then the one before was replaced, unless it was signed.
    const replaced = isFollowedBy(row.seal, next) && position.anchoredSeq !== previous.seq ? last : null;
    return replaced === null ? changed(row, expected) : changed(replaced, replaced.seal.seq);
  }
  if (row.seal.seq > expected && (intact || isFollowedBy(row.seal, next))) {
    return missing(position, row.seal.seq - 1, row.line, false);
  }
  return changed(row, expected);
}

function judgeAnchor(
  position: Position,
  anchor: AnchorItem,
  next: ChainItem | null,
): ChainProblem | Suspicion | null {
  const { seq, hash } = reached(position);
  if (anchor.seq > seq) return missing(position, anchor.seq, anchor.line, anchor.end);
  if (anchor.seq < seq) return misplacedAnchor(position, anchor, next);
  if (anchor.hash !== hash) return rewritten(position, anchor);
  position.anchoredSeq = seq;
  return null;
}

/** A statement on an earlier row: either it was moved here, or rows were put before it. */
function misplacedAnchor(position: Position, anchor: AnchorItem, next: ChainItem | null): ChainProblem {
  const { last, beforeLast } = position;
  const isTwinNext = next?.kind === "row" && isFollowedBy(beforeLast, next);
  const isLastBehindEnd = anchor.end && anchor.seq === beforeLast.seq;
  if (last !== null && (isTwinNext || isLastBehindEnd)) return inserted(last);
  if (anchor.end) {
    return problem("inserted", anchor.seq + 1, null, anchor.line, {
      zh: `第 ${anchor.seq} 条是签名的最后一条，其后被加入了记录`,
      en: `Row ${anchor.seq} was signed as the last one; rows were added behind it`,
    });
  }
  return problem("reordered", anchor.seq, null, anchor.line, {
    zh: `对第 ${anchor.seq} 条的签名声明不在该条之后`,
    en: `The signed statement on row ${anchor.seq} does not stand behind that row`,
  });
}

function continues(row: RowItem, previous: ChainStart): boolean {
  return row.seal.seq === previous.seq + 1 && row.seal.previousHash === previous.hash;
}

/** The row is what its own seal says; a forger can make such a row, but not one that others continue. */
function isIntact(row: RowItem): boolean {
  return row.seal.entryId === row.entry.id && rowHash(row.seal, row.entry) === row.seal.hash;
}

function isFollowedBy(place: ChainStart, next: ChainItem | null): boolean {
  if (next === null) return false;
  if (next.kind === "anchor") return next.seq === place.seq && next.hash === place.hash;
  return continues(next, place) && isIntact(next);
}

/** The row stands too early: a copy if the chain comes to it again, a moved row if it does not. */
function misplacedOrCopied(row: RowItem): Suspicion {
  const { seq, hash } = row.seal;
  return {
    isAwaited: (later) => later.seal.hash === hash,
    ifSeen: () => inserted(row),
    otherwise: problem("reordered", seq, row.entry.id, row.line, {
      zh: `第 ${seq} 条被移到了更早的位置`,
      en: `Row ${seq} was moved to an earlier place`,
    }),
  };
}

function missing(position: Position, through: number, line: number | null, atEnd: boolean): Suspicion {
  const previous = reached(position);
  const first = previous.seq + 1;
  const rows = through === first ? { zh: `第 ${first} 条`, en: `row ${first}` } : rangeText(first, through);
  return {
    isAwaited: (later) => continues(later, previous) && isIntact(later),
    ifSeen: (row) =>
      problem("reordered", first, row.entry.id, row.line, {
        zh: `第 ${first} 条不在原来的位置`,
        en: `Row ${first} is not at its place`,
      }),
    otherwise: atEnd
      ? problem("truncated", first, null, line, {
          zh: `结尾被截断：缺少${rows.zh}`,
          en: `The tail was cut off: ${rows.en} missing`,
        })
      : problem("removed", first, null, line, { zh: `${rows.zh}已被删除`, en: `Removed: ${rows.en}` }),
  };
}

function rangeText(first: number, last: number): Text {
  return { zh: `第 ${first} 至 ${last} 条`, en: `rows ${first} to ${last}` };
}

function inserted(row: RowItem): ChainProblem {
  return problem("inserted", row.seal.seq, row.entry.id, row.line, {
    zh: `自称第 ${row.seal.seq} 条的记录不属于此处`,
    en: `A row that claims to be row ${row.seal.seq} does not belong here`,
  });
}

function changed(row: RowItem, seq: number): ChainProblem {
  return problem("changed", seq, row.entry.id, row.line, {
    zh: `第 ${seq} 条在封存后被修改`,
    en: `Row ${seq} was changed after it was sealed`,
  });
}

/** Every row fits the one before, and yet the last one is not the one that was signed. */
function rewritten(position: Position, anchor: AnchorItem): ChainProblem {
  const first = (anchor.isOutside ? position.start.seq : position.anchoredSeq) + 1;
  const { last } = position;
  const where = last === null || first >= anchor.seq ? null : rangeText(first, anchor.seq);
  return problem("changed", anchor.seq, last?.entry.id ?? null, last?.line ?? anchor.line, {
    zh: `第 ${anchor.seq} 条与签名声明不符${where ? `：${where.zh}中有记录被改写` : ""}`,
    en: `Row ${anchor.seq} is not the one that was signed${where ? `: ${where.en} were rewritten in part` : ""}`,
  });
}

function problem(
  kind: ChainProblemKind,
  seq: number,
  entryId: string | null,
  line: number | null,
  message: Text,
): ChainProblem {
  return { kind, seq, entryId, line, message };
}

/** Pairs each item with the one behind it. */
async function* withNext<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
): AsyncGenerator<[item: Item, next: Item | null]> {
  let held: { readonly item: Item } | null = null;
  for await (const item of items) {
    if (held !== null) yield [held.item, item];
    held = { item };
  }
  if (held !== null) yield [held.item, null];
}
