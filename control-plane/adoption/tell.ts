import { type Fault, isFault } from "../kernel/fault.ts";
import { FAULT_CODES } from "../kernel/fault-codes.ts";
import { entriesOf, type ResourceVector } from "../kernel/quantity.ts";
import { NotTaken } from "./not-taken.ts";

/** What a cloud calls something may hold anything; control characters in it could rewrite the terminal. */
export function visible(text: string): string {
  return text.replaceAll(/\p{C}/gu, "?");
}

export function amountsIn(amounts: ResourceVector): string {
  return entriesOf(amounts)
    .map(([name, amount]) => `${name} ${amount}`)
    .join(", ");
}

/** Why something was not taken in; what is neither is a defect and thrown on. */
export function reasonLines(error: unknown): string[] {
  if (error instanceof NotTaken) return [`${error.reason.zh} / ${error.reason.en}`];
  if (isFault(error)) return faultLines(error);
  throw error;
}

function faultLines({ code, details }: Fault): string[] {
  const { zh, en } = FAULT_CODES[code].title;
  const { excesses, choices: _known, ...others } = details;
  const over = Array.isArray(excesses) ? excesses.map((one) => `  ${JSON.stringify(one)}`) : [];
  const figures = Object.keys(others).length === 0 ? "" : ` ${JSON.stringify(others)}`;
  return [`${code}: ${zh} / ${en}${figures}`, ...over];
}
