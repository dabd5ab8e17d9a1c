import type { Params } from "./params.ts";
import { Refusal } from "./refusal.ts";

const MIN = 5;
const MAX = 1_000;

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken: string | undefined;
}

/**
 * A token names the last row that was shown, and not a number of rows: what comes or goes meanwhile makes
 * nothing appear twice and nothing disappear.
 */
export function pageOf<Row extends { readonly id: string }>(rows: readonly Row[], params: Params): Page<Row> {
  const size = params.number("MaxResults");
  if (size !== undefined && (size < MIN || size > MAX)) {
    const range = `Expecting value between ${MIN} and ${MAX}.`;
    throw new Refusal(
      "InvalidParameterValue",
      `Value ( ${size} ) for parameter maxResults is invalid. ${range}`,
    );
  }
  const sorted = [...rows].sort((left, right) => (left.id < right.id ? -1 : 1));
  const token = params.text("NextToken");
  const after = token === undefined ? "" : idIn(token);
  const rest = sorted.filter((row) => row.id > after);
  const shown = size === undefined ? rest : rest.slice(0, size);
  const last = shown.at(-1);
  return {
    rows: shown,
    nextToken: last !== undefined && shown.length < rest.length ? tokenOf(last.id) : undefined,
  };
}

function tokenOf(id: string): string {
  return Buffer.from(`after:${id}`).toString("base64");
}

function idIn(token: string): string {
  const text = Buffer.from(token, "base64").toString();
  if (!text.startsWith("after:"))
    throw new Refusal("InvalidNextToken", "The specified NextToken is not valid");
  return text.slice("after:".length);
}
