import { pino } from "pino";
import { expect, it } from "vitest";
import { type JobEnd, startDispatch, type TakenJob } from "./dispatch.ts";

const log = pino({ level: "silent" });
const job = (key: string): TakenJob => ({ id: `id-${key}`, key, last: false });

interface Desk {
  readonly ends: string[];
  /** Ends a job that is under way. */
  readonly end: Map<string, (how: JobEnd | Error) => void>;
  readonly asked: number[];
  /** Resolves when so many jobs have been begun. */
  begun(count: number): Promise<void>;
  stop(): Promise<void>;
}

function open(keys: string[], slots: number): Desk {
  const ends: string[] = [];
  const end: Desk["end"] = new Map();
  const asked: number[] = [];
  const waiting: { count: number; done: () => void }[] = [];
  const stop = startDispatch({
    slots,
    everyMs: 1,
    log,
    async take(count) {
      asked.push(count);
      return keys.splice(0, count).map(job);
    },
    handle: ({ key }) =>
      new Promise((resolve, reject) => {
        end.set(key, (how) => (how instanceof Error ? reject(how) : resolve(how)));
        for (const { count, done } of waiting) if (end.size >= count) done();
      }),
    done: async ({ key }) => void ends.push(`done ${key}`),
    later: async ({ key }, { afterSeconds }) => void ends.push(`later ${key} ${afterSeconds}`),
    failed: async ({ key }, error) => void ends.push(`failed ${key}: ${String(error)}`),
  });
  const begun = (count: number) =>
    new Promise<void>((done) => {
      if (end.size >= count) done();
      else waiting.push({ count, done });
    });
  return { ends, end, asked, begun, stop };
}

it("keeps its slots filled, and no job waits for another to end", async () => {
  const desk = open(["a", "b", "c", "d"], 2);
  await desk.begun(2);
  expect([...desk.end.keys()]).toEqual(["a", "b"]);
  desk.end.get("b")?.("done");
  await desk.begun(3);
  desk.end.get("c")?.({ afterSeconds: 2 });
  await desk.begun(4);
  // Never more is taken than there is room for.
  expect(desk.asked.slice(0, 3)).toEqual([2, 1, 1]);
  desk.end.get("a")?.(new Error("no luck"));
  desk.end.get("d")?.("done");
  await desk.stop();
  expect(desk.ends).toEqual(["done b", "later c 2", "failed a: Error: no luck", "done d"]);
});

it("takes nothing more once it is told to stop, and waits for what is under way", async () => {
  const keys = ["a", "b"];
  const desk = open(keys, 1);
  await desk.begun(1);
  const stopped = desk.stop();
  desk.end.get("a")?.("done");
  await stopped;
  expect(desk.ends).toEqual(["done a"]);
  expect(keys).toEqual(["b"]);
});
