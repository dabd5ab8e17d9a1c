import type { Control } from "../../compliance/control.ts";
import { findingsThenIn } from "../../compliance/findings-then.ts";
import { type Picture, resourcesIn, type SettledResource } from "../../compliance/picture.ts";
import type { SettledResult } from "../../compliance/settle-verdict.ts";
import { DEFICIENT } from "../../compliance/verdict.ts";
import type { Database } from "../../db/tx.ts";
import type { Entry } from "./content.ts";
import type { Question } from "./question.ts";

/** Some resources of the picture, with what is deficient about them as it was told to people. */
export interface Page {
  readonly resources: readonly SettledResource[];
  readonly entries: readonly Entry[];
}

/** Everything that a question is about, always in the same order. */
export async function* pagesOf(db: Database, picture: Picture, question: Question): AsyncGenerator<Page> {
  const asked = ({ framework }: Control) => question.framework === null || framework === question.framework;
  for await (const found of resourcesIn(db, picture, question.includes)) {
    const resources = found.map((one) => ({
      ...one,
      results: one.results.filter(({ control }) => asked(control)),
    }));
    const deficient = resources.flatMap((one) =>
      one.results.filter(({ verdict }) => DEFICIENT.includes(verdict)).map((result) => ({ one, result })),
    );
    const units = [...new Set(deficient.map(({ one }) => one.resource.unit))];
    const known = await db.read((tx) => findingsThenIn(tx, units, picture.instant));
    yield { resources, entries: deficient.map(({ one, result }) => entryOf(one, result, known)) };
  }
}

function entryOf(
  { resource, seenAt }: SettledResource,
  { control, verdict, shortfalls, exemption }: SettledResult,
  known: Awaited<ReturnType<typeof findingsThenIn>>,
): Entry {
  const then = known.get(`${resource.key} ${control.id}`);
  return {
    control,
    resource,
    verdict,
    shortfalls,
    exemption,
    seenAt: seenAt.toISOString(),
    finding:
      then === undefined
        ? null
        : {
            id: then.id,
            status: then.status,
            owner: then.owner,
            assignee: then.assignee,
            dueOn: then.dueOn,
            firstSeenAt: then.firstSeenAt.toISOString(),
          },
  };
}
