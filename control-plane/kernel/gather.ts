type AnswerAll<Question, Answer> = (
  questions: readonly Question[],
) => Promise<readonly PromiseSettledResult<Answer>[]>;

interface Limits {
  /** Of one round; the others wait for the next. */
  readonly questionsMax: number;
  /** Rounds at a time: while one waits for the database the other one is thought through. */
  readonly abreast: number;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Answers by one reading what many ask at the same moment. Nothing is kept: a round begins after each of its
 * questions was asked, so its answers are as fresh as if every one had been read for itself.
 */
export function gathered<Question, Answer>(
  answerAll: AnswerAll<Question, Answer>,
  { questionsMax, abreast }: Limits,
): (question: Question) => Promise<Answer> {
  const waiting: Waiting<Question, Answer>[] = [];
  let rounds = 0;

  const round = async (members: readonly Waiting<Question, Answer>[]): Promise<void> => {
    try {
      const answers = await answerAll(members.map(({ question }) => question));
      for (const [at, { resolve, reject }] of members.entries()) {
        const answer = answers[at];
        if (answer?.status === "fulfilled") resolve(answer.value);
        else reject(answer?.reason ?? new Error("a question was left out"));
      }
    } catch (error) {
      for (const { reject } of members) reject(error);
    }
  };
  const begin = (): void => {
    while (rounds < abreast && waiting.length > 0) {
      rounds += 1;
      void round(waiting.splice(0, questionsMax)).then(() => {
        rounds -= 1;
        begin();
      });
    }
  };
  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      begin();
    });
}
