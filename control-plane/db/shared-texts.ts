import { inArray, sql } from "drizzle-orm";
import { completed, referencesIn, type SharedText } from "../kernel/shared-text.ts";
import { sharedTexts } from "./schema/shared-texts.ts";
import { type Database, sendAhead, type Tx } from "./tx.ts";

/** Some dozen kilobytes each. What was used last is nearly always what is wanted next. */
const REMEMBERED_MAX = 200;

/** By digest, so that it cannot be out of date and is the same in every database. */
const remembered = new Map<string, string>();

function remember({ digest, text }: SharedText): void {
  remembered.delete(digest);
  remembered.set(digest, text);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
}

/**
 * Keeps texts that rows of this transaction refer to. By their digests, so that two who keep several never wait for
 * each other in a circle; it is the last thing that a transaction locks.
 */
export function keepTexts(tx: Tx, texts: readonly SharedText[]): void {
  const distinct = [...new Map(texts.map((one) => [one.digest, one])).values()];
  if (distinct.length === 0) return;
  for (const one of distinct) remember(one);
  const column = (read: (one: SharedText) => string) => sql.param(distinct.map(read));
  sendAhead(
    tx,
    tx.execute(sql`
      INSERT INTO shared_texts (digest, text)
      SELECT digest, text FROM unnest(${column((one) => one.digest)}::text[], ${column((one) => one.text)}::text[])
             AS shared (digest, text)
       ORDER BY digest
      ON CONFLICT DO NOTHING`),
  );
}

/** A JSON text with the texts in it that it refers to. */
export async function withTexts(db: Database, json: string): Promise<string> {
  const wanted = referencesIn(json);
  if (wanted.length === 0) return json;
  const missing = wanted.filter((digest) => !remembered.has(digest));
  const texts = new Map(wanted.map((digest) => [digest, remembered.get(digest) ?? ""]));
  if (missing.length > 0) {
    const rows = await db.read((tx) =>
      tx.select().from(sharedTexts).where(inArray(sharedTexts.digest, missing)),
    );
    for (const digest of missing) texts.delete(digest);
    for (const row of rows) {
      texts.set(row.digest, row.text);
      remember(row);
    }
  }
  return completed(json, texts);
}
