import postgres from "postgres";
import { openServer } from "../../control-plane/db/open.ts";
import { look } from "../../control-plane/quota/verify/look.ts";
import { YunhengProcess } from "../support/process.ts";
import type { Bench, Lab } from "./bench.ts";
import { rounded } from "./clients.ts";
import { sixtyRules } from "./decide/rules.ts";
import { memoryMiB } from "./process-usage.ts";
import { insertProvince, insertTenancies } from "./scale/province.ts";
import { questionsTo } from "./scale/questions.ts";

interface Series {
  readonly clouds: number;
  readonly tenancies: readonly number[];
}

/** The number of tenancies grows at 33 clouds, the number of clouds at ten thousand tenancies. */
const SERIES: readonly Series[] = [
  { clouds: 33, tenancies: [10_000, 100_000, 1_000_000] },
  { clouds: 330, tenancies: [10_000] },
  { clouds: 3300, tenancies: [10_000] },
];
const QUICK: readonly Series[] = [{ clouds: 33, tenancies: [500, 1000] }];

/** Rows that one transaction inserts: more would only make its temporary table larger. */
const STEP = 50_000;

/** What each figure was with the fewest clouds and tenancies: the baseline of its growth. */
type Smallest = Map<string, number>;

export const bench: Bench = {
  async run(lab) {
    const smallest: Smallest = new Map();
    for (const { clouds, tenancies } of lab.quick ? QUICK : SERIES) {
      const wanted = tenancies.filter((count) => lab.wants(`${clouds} clouds, ${count} tenancies`));
      if (wanted.length > 0) await runSeries(lab, { clouds, tenancies: wanted }, smallest);
    }
  },
};

async function runSeries(lab: Lab, { clouds, tenancies }: Series, smallest: Smallest): Promise<void> {
  const url = await lab.newDatabase();
  const db = await openServer({ url, connectionsMax: 4, statementTimeoutMs: 600_000 });
  const set = await sixtyRules();
  try {
    await db.withTx((tx) => insertProvince(tx, clouds));
    let there = 0;
    for (const count of tenancies) {
      for (; there < count; there = Math.min(count, there + STEP)) {
        const last = Math.min(count, there + STEP);
        await db.withTx((tx) => insertTenancies(tx, there + 1, last));
      }
      await analyzed(url);
      // Looks at every row, which takes its time with many of them.
      if (count === tenancies[0]) await assertConsistent(db);
      const say = printing(lab, clouds, count, smallest);
      for (const [name, ask] of Object.entries(questionsTo(db, set, count))) {
        say(name, await medianMs(ask, lab.quick ? 3 : 31), "ms");
      }
      const started = await startUp(url);
      say("start-up", started.ms, "ms");
      say("memory after the start", started.memoryMiB, "MiB");
    }
  } finally {
    await db.close();
  }
}

function printing(lab: Lab, clouds: number, tenancies: number, smallest: Smallest) {
  return (name: string, value: number, unit: string) => {
    const baseline = smallest.get(name) ?? value;
    smallest.set(name, baseline);
    const ratio = rounded(value / baseline);
    lab.print({ case: `${name}; ${clouds} clouds, ${tenancies} tenancies`, value, unit, baseline, ratio });
  };
}

async function medianMs(ask: () => Promise<unknown>, times: number): Promise<number> {
  const took: number[] = [];
  for (let at = 0; at < times; at += 1) {
    const began = performance.now();
    await ask();
    took.push(performance.now() - began);
  }
  const sorted = took.toSorted((left, right) => left - right);
  return rounded(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

/** Rows that were made by hand have to be rows that the product could have made. */
async function assertConsistent(db: Parameters<typeof look>[0]): Promise<void> {
  const broken = (await look(db, new Date(), { retentionDays: 30 })).filter(({ holds }) => !holds);
  if (broken.length > 0) throw new Error(JSON.stringify(broken, null, 1));
}

async function analyzed(url: string): Promise<void> {
  const client = postgres(url, { max: 1 });
  await client.unsafe("VACUUM ANALYZE");
  await client.end();
}

/** A process of the role `serve`, from its start to its first word, and what it holds then. */
async function startUp(url: string): Promise<{ ms: number; memoryMiB: number }> {
  const server = new YunhengProcess({ DATABASE_URL: url });
  try {
    const seconds = await server.start("serve", "--port", "0");
    return { ms: rounded(seconds * 1000), memoryMiB: rounded(memoryMiB(server.pid)) };
  } finally {
    await server.dispose();
  }
}
