import { describe, expect, it } from "vitest";
import { gathered } from "./gather.ts";

function recording(rounds: number[][], fail: (question: number) => boolean = () => false) {
  return async (questions: readonly number[]): Promise<PromiseSettledResult<number>[]> => {
    rounds.push([...questions]);
    await new Promise((done) => setImmediate(done));
    return questions.map((question) =>
      fail(question)
        ? { status: "rejected", reason: new Error(`no ${question}`) }
        : { status: "fulfilled", value: question * 10 },
    );
  };
}

describe("gathered questions", () => {
  it("that come during a round share the next one, each with its own answer", async () => {
    const rounds: number[][] = [];
    const ask = gathered(recording(rounds), { questionsMax: 10, abreast: 1 });
    expect(await Promise.all([1, 2, 3, 4].map(ask))).toEqual([10, 20, 30, 40]);
    expect(rounds).toEqual([[1], [2, 3, 4]]);
  });

  it("go in rounds of bounded size, so many at a time", async () => {
    const rounds: number[][] = [];
    const ask = gathered(recording(rounds), { questionsMax: 2, abreast: 2 });
    await Promise.all([1, 2, 3, 4, 5].map(ask));
    expect(rounds.map(({ length }) => length)).toEqual([1, 1, 2, 1]);
  });

  it("are refused alone where one of them cannot be answered", async () => {
    const ask = gathered(
      recording([], (question) => question === 2),
      { questionsMax: 10, abreast: 1 },
    );
    const answers = await Promise.allSettled([1, 2, 3].map(ask));
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("are refused together where their round fails, and the next round begins", async () => {
    let round = 0;
    const ask = gathered<number, number>(
      async (questions) => {
        round += 1;
        if (round === 1) throw new Error("away");
        return questions.map((value) => ({ status: "fulfilled", value }));
      },
      { questionsMax: 10, abreast: 1 },
    );
    await expect(ask(1)).rejects.toThrow("away");
    expect(await ask(2)).toBe(2);
  });
});
