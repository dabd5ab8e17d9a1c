import { EVERYWHERE } from "../authz/scope.ts";
import type { Tx } from "../db/tx.ts";
import { formatPosition, parsePosition } from "./position.ts";
import { currentPosition, readAfter } from "./rows.ts";

/** What happened to one object. */
export interface Happened {
  readonly type: string;
  readonly subjectId: string;
  readonly cloudId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The next events behind a position, in the order of their commits, and the position behind them. */
export async function readSince(
  tx: Tx,
  position: string,
  limit: number,
): Promise<{ readonly events: readonly Happened[]; readonly position: string }> {
  const { events, upTo } = await readAfter(tx, EVERYWHERE, parsePosition(position), limit);
  return { events, position: formatPosition(upTo) };
}

/** Where the stream stands now, for who wants to hear of everything from here on. */
export async function positionNow(tx: Tx): Promise<string> {
  return formatPosition(await currentPosition(tx));
}
