import type { Text } from "../kernel/text.ts";
import type { ProvinceDocument } from "./documents.ts";
import type { DocumentPath } from "./references.ts";

/** What is wrong with one document in the light of the others. */
export interface DocumentProblem {
  readonly document: ProvinceDocument;
  readonly path: DocumentPath;
  readonly reason: Text;
}
