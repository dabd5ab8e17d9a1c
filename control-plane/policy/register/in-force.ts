import type { Policies } from "../policies.ts";
import type { PolicySet } from "../policy-set.ts";
import { type Book, exemptionsAt, setOf, versionsAt } from "./book.ts";
import { loadBook, readEpoch } from "./store.ts";

/** A book as it was read, with the sets that came of it. */
interface Read {
  readonly epoch: number;
  readonly book: Book;
  readonly sets: { readonly from: number; readonly until: number; readonly set: PolicySet }[];
}

/** Reports of past days ask for sets beside the one that decides. */
const SETS_MAX = 8;

/**
 * The policies in the database. Each transaction looks at the epoch, which is one row; only where it has moved is
 * the rest read. A set that is the same as before is the same object, so that what judges remember stays good.
 */
export function registeredPolicies(): Policies {
  let read: Read | null = null;
  const sets = new Map<string, PolicySet>();
  const same = (set: PolicySet): PolicySet => {
    const known = sets.get(set.fullDigest);
    if (known !== undefined) return known;
    if (sets.size >= SETS_MAX) sets.clear();
    sets.set(set.fullDigest, set);
    return set;
  };
  return {
    async inForce(tx, at) {
      const epoch = await readEpoch(tx);
      if (read?.epoch !== epoch) read = { epoch, book: await loadBook(tx), sets: [] };
      return setIn(read, at, same);
    },
  };
}

function setIn({ book, sets }: Read, at: Date, same: (set: PolicySet) => PolicySet): PolicySet {
  const now = at.getTime();
  const known = sets.find(({ from, until }) => from <= now && now < until);
  if (known !== undefined) return known.set;
  const { versions, changesAt: versionsUntil } = versionsAt(book, at);
  const { exemptions, changesAt: exemptionsUntil } = exemptionsAt(book, at);
  const set = same(setOf(versions, exemptions));
  if (sets.length >= SETS_MAX) sets.length = 0;
  sets.push({ from: now, until: Math.min(versionsUntil, exemptionsUntil), set });
  return set;
}
