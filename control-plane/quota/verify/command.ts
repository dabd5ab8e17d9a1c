import type { App } from "../../context.ts";
import { type Verification, verify } from "./verify.ts";

/** `yunheng verify [--json]`. Resolves with the exit code: 1 where an invariant is broken. */
export async function verifyQuotaCommand(
  app: App,
  { json }: { readonly json: boolean },
  print: (line: string) => void,
): Promise<number> {
  const verification = await verify(app);
  if (json) print(JSON.stringify(verification));
  else for (const line of describe(verification)) print(line);
  return verification.ok ? 0 : 1;
}

function describe({ ok, invariants }: Verification): string[] {
  const lines = invariants.flatMap(({ name, title, holds, total, differences }) => [
    `${holds ? "成立 holds " : "不成立 BROKEN"}  ${name}  ${title.zh} / ${title.en}`,
    ...differences.map(({ place, figures }) => `    ${place}: ${JSON.stringify(figures)}`),
    ...(total > differences.length ? [`    另有 and ${total - differences.length} more`] : []),
  ]);
  const broken = invariants.filter(({ holds }) => !holds).length;
  const summary = ok
    ? `${invariants.length} 项全部成立 / all ${invariants.length} hold`
    : `${broken} 项不成立 / ${broken} of ${invariants.length} broken`;
  return [...lines, summary];
}
