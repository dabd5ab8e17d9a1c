import { lane } from "./lane.ts";

type AnswerAll<Question, Answer> = (
  questions: readonly Question[],
) => Promise<readonly PromiseSettledResult<Answer>[]>;

interface Limits {
  /** Of one round; the others wait for the next. */
  readonly questionsMax: number;
  /** Rounds at a time: while one waits for the database the other one is thought through. */
  readonly abreast: number;
}

/**
 * Answers by one reading what many ask at the same moment. Nothing is kept: a round begins after each of its
 * questions was asked, so its answers are as fresh as if every one had been read for itself.
 */
export function gathered<Question, Answer>(
  answerAll: AnswerAll<Question, Answer>,
  { questionsMax, abreast }: Limits,
): (question: Question) => Promise<Answer> {
  return lane<Question, Answer>({
    itemsMax: questionsMax,
    waitingMax: Number.POSITIVE_INFINITY,
    abreast,
    carryOut: answerAll,
    // A reading that failed is not worth as many more as there were questions.
    isGeneral: () => true,
  }).join;
}
