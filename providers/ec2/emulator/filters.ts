import type { Params } from "./params.ts";
import { Refusal } from "./refusal.ts";

/** What a row answers to a filter's name; undefined means that the API knows no such filter. */
export type Answers<Row> = (row: Row, filter: string) => readonly string[] | undefined;

interface Filtered {
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
}

const VALUES_MAX = 200;

/** All filters must fit, each by one of its values; `*` and `?` stand for any signs. */
export function filtered<Row extends Filtered>(
  rows: readonly Row[],
  params: Params,
  answers: Answers<Row>,
): Row[] {
  const filters = params.parts("Filter").map((part) => {
    const name = part.required("Name");
    const values = part.texts("Value");
    if (values.length > VALUES_MAX) {
      throw new Refusal("FilterLimitExceeded", `more than ${VALUES_MAX} values for ${name}`);
    }
    // Most values hold no wildcard, and a list may hold two hundred of them.
    const exact = new Set(values);
    const patterns = values.filter((value) => /[*?]/.test(value)).map(pattern);
    return { name, fits: (value: string) => exact.has(value) || patterns.some((fit) => fit.test(value)) };
  });
  return rows.filter((row) =>
    filters.every(({ name, fits }) => {
      const given = answerOf(row, name, answers);
      if (given === undefined) {
        throw new Refusal("InvalidParameterValue", `The filter '${name}' is invalid`);
      }
      return given.some(fits);
    }),
  );
}

function answerOf<Row extends Filtered>(
  row: Row,
  name: string,
  answers: Answers<Row>,
): readonly string[] | undefined {
  const tags = row.tags ?? {};
  if (name === "tag-key") return Object.keys(tags);
  if (!name.startsWith("tag:")) return answers(row, name);
  const value = tags[name.slice(4)];
  return value === undefined ? [] : [value];
}

function pattern(value: string): RegExp {
  const parts = value
    .replaceAll(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${parts}$`, "s");
}
