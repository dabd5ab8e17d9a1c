import { fault } from "./fault.ts";

/** Where many wait for the same kind of work, which is done for several of them at once. */
export interface Lane<Item, Answer> {
  /** Stands in line; answered when the work that the item went along with is done. */
  join(item: Item): Promise<Answer>;
}

interface LaneOptions<Item, Answer> {
  /** How many go along at once. */
  readonly itemsMax: number;
  /** How many may stand in line; whoever comes then is told to come back later. */
  readonly waitingMax: number;
  /** How many works may be under way at once. */
  readonly abreast: number;
  /** Answers in the order of the items, one by one; throws only where the work as a whole has failed and left nothing. */
  readonly carryOut: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Answer>[]>;
  /** True where a failure of the whole says nothing about its items, so that trying each by itself is in vain. */
  readonly isGeneral: (error: unknown) => boolean;
  /** Two items with the same name do not go along together: the second one has to see what the first has done. */
  readonly nameOf?: (item: Item) => string | null;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly name: string | null;
  readonly answer: (value: Answer) => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * Nobody waits for company: where nothing is under way an item goes at once, alone. What comes meanwhile goes
 * along with the next one, in the order in which it came.
 */
export function lane<Item, Answer>(options: LaneOptions<Item, Answer>): Lane<Item, Answer> {
  let line: Waiting<Item, Answer>[] = [];
  let underWay = 0;

  const go = async (group: readonly Waiting<Item, Answer>[]): Promise<void> => {
    try {
      const answers = await options.carryOut(group.map(({ item }) => item));
      group.forEach((one, index) => {
        const answer = answers[index];
        if (answer?.status === "fulfilled") one.answer(answer.value);
        else one.refuse(answer?.reason ?? new Error("an item was left without an answer"));
      });
    } catch (error) {
      if (group.length === 1 || options.isGeneral(error)) for (const one of group) one.refuse(error);
      // One of them has spoiled it for all: each alone shows which.
      else for (const one of group) await go([one]);
    }
  };

  const start = () => {
    while (underWay < options.abreast && line.length > 0) {
      const [group, rest] = nextGroup(line, options.itemsMax);
      line = rest;
      underWay += 1;
      void go(group).finally(() => {
        underWay -= 1;
        start();
      });
    }
  };

  return {
    join(item) {
      if (line.length >= options.waitingMax) throw fault("database.busy", { retryAfterSeconds: 1 });
      return new Promise((answer, refuse) => {
        line.push({ item, name: options.nameOf?.(item) ?? null, answer, refuse });
        start();
      });
    },
  };
}

/** The first of the line; whoever has the name of somebody before it stays where it is. */
function nextGroup<Item, Answer>(
  line: readonly Waiting<Item, Answer>[],
  itemsMax: number,
): [Waiting<Item, Answer>[], Waiting<Item, Answer>[]] {
  const names = new Set<string>();
  const group: Waiting<Item, Answer>[] = [];
  const rest: Waiting<Item, Answer>[] = [];
  for (const one of line) {
    if (group.length < itemsMax && (one.name === null || !names.has(one.name))) group.push(one);
    else rest.push(one);
    if (one.name !== null) names.add(one.name);
  }
  return [group, rest];
}
