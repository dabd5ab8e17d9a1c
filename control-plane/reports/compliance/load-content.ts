import { proofOf } from "../../audit/proof.ts";
import { type Picture, pictureAt } from "../../compliance/picture.ts";
import type { Database } from "../../db/tx.ts";
import { fault } from "../../kernel/fault.ts";
import type { Text } from "../../kernel/text.ts";
import { DISCLAIMER } from "../disclaimer.ts";
import type { Content, Head } from "./content.ts";
import { type Page, pagesOf } from "./entries.ts";
import type { Question } from "./question.ts";
import { SummaryBook } from "./summary.ts";

/**
 * Everything that a report says. Goes through the picture once to add it up; forms that list every entry go
 * through it again, so that no more than a page is in memory at a time.
 * @throws report.no_assessment, report.unknown_framework
 */
export async function loadContent(db: Database, question: Question): Promise<Content> {
  const picture = await pictureAt(db, question.instant);
  const { framework } = question;
  const controls = picture.controls.filter((one) => framework === null || one.framework === framework);
  if (framework !== null && controls.length === 0) {
    const possible = [...new Set(picture.controls.map((one) => one.framework))];
    throw fault("report.unknown_framework", { framework, possible });
  }
  const book = new SummaryBook(controls, question.day);
  let name: string | null = null;
  for await (const page of pagesOf(db, picture, question)) {
    book.add(page);
    name ??= nameIn(page, question.scope);
  }
  const head = await headOf(db, picture, question, scopeName(question.scope, name));
  return {
    head,
    summary: book.summary(),
    digest: book.digest(head),
    worst: book.worst(),
    async *entries() {
      for await (const { entries } of pagesOf(db, picture, question)) yield entries;
    },
  };
}

async function headOf(
  db: Database,
  { whole, changes }: Picture,
  question: Question,
  scopeName: Text,
): Promise<Head> {
  const proof = await db.read((tx) => proofOf(tx, "assessment.complete", whole.id));
  const { seal, checkpoint } = proof ?? { seal: null, checkpoint: null };
  return {
    report: "compliance",
    framework: question.framework,
    scope: question.scope,
    scopeName,
    asOf: question.day,
    assessment: {
      id: whole.id,
      day: whole.day ?? "",
      completedAt: whole.completedAt?.toISOString() ?? "",
      inputDigest: whole.inputDigest ?? "",
      resultsDigest: whole.resultsDigest ?? "",
    },
    changes: changes.map(({ id, resultsDigest }) => ({ id, resultsDigest: resultsDigest ?? "" })),
    policyDigest: whole.policyDigest ?? "",
    audit:
      seal === null
        ? null
        : {
            seq: seal.seq,
            hash: seal.hash,
            checkpoint:
              checkpoint === null
                ? null
                : { seq: checkpoint.seq, hash: checkpoint.hash, signature: checkpoint.signature },
          },
    disclaimer: DISCLAIMER,
  };
}

/** As it was called when it was assessed: a report of last year does not change with a name. */
function nameIn({ resources }: Page, scope: string): string | null {
  for (const { resource } of resources) {
    if (resource.key === scope) return resource.name;
    if (`system:${resource.systemId}` === scope) return resource.systemName;
  }
  return null;
}

function scopeName(scope: string, name: string | null): Text {
  if (scope === "province") return { zh: "全省", en: "The whole province" };
  if (scope === "own") return { zh: "本人可见范围", en: "Everything that the reader may see" };
  return { zh: name ?? scope, en: scope };
}
