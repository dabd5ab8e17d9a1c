import type { Database, Tx } from "../db/tx.ts";

class Rehearsed<Value> extends Error {
  readonly value: Value;

  constructor(value: Value) {
    super("rehearsed");
    this.value = value;
  }
}

/** Does it in a transaction of its own, and takes it back where it is only to be seen what would happen. */
export async function inOwnTransaction<Value>(
  db: Database,
  dryRun: boolean,
  run: (tx: Tx) => Promise<Value>,
): Promise<Value> {
  try {
    return await db.withTx(async (tx) => {
      const value = await run(tx);
      if (dryRun) throw new Rehearsed(value);
      return value;
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.value;
    throw error;
  }
}
