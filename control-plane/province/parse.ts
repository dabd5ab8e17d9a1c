import { type Document, LineCounter, parseAllDocuments, visit, type YAMLError } from "yaml";
import { z } from "zod";
import { en, zhCN } from "zod/locales";
import { type Fault, fault } from "../kernel/fault.ts";
import type { Text } from "../kernel/text.ts";
import { checkDocuments } from "./check.ts";
import { API_VERSION, DOCUMENT_KINDS, DOCUMENT_SCHEMAS, type ProvinceDocument } from "./documents.ts";
import { type Position, positionAt, positionOf } from "./locate.ts";
import { type Province, provinceOf } from "./province.ts";
import type { DocumentPath } from "./references.ts";

export interface SourceFile {
  /** As it is shown in a problem. */
  readonly name: string;
  readonly text: string;
}

/** One reason why a file set is refused. `path` is dotted, `spec.inventories.VCPU.total`; "" is the whole file. */
export interface SourceProblem extends Position {
  readonly file: string;
  readonly path: string;
  readonly reason: Text;
}

interface Source {
  readonly file: string;
  readonly yaml: Document;
  readonly lines: LineCounter;
}

/**
 * Reads a file set into a province. Nothing of a set is used unless all of it is valid: the first invalid
 * document throws `province.invalid` with every problem of that document; documents that are valid alone
 * but contradict each other throw it with every contradiction, in file order.
 */
export function parseProvince(files: readonly SourceFile[]): Province {
  const sources = new Map<ProvinceDocument, Source>();
  for (const file of files) {
    for (const source of parseFile(file)) {
      const document = parseDocument(source);
      if (document !== null) sources.set(document, source);
    }
  }
  const documents = [...sources.keys()];
  const order = new Map(documents.map((document, index) => [document, index]));
  const problems = checkDocuments(documents)
    .toSorted((a, b) => (order.get(a.document) ?? 0) - (order.get(b.document) ?? 0))
    .flatMap(({ document, path, reason }) => {
      const source = sources.get(document);
      return source === undefined ? [] : [problemAt(source, path, reason)];
    });
  if (problems.length > 0) throw invalid(problems);
  return provinceOf(documents);
}

export function invalid(problems: readonly SourceProblem[], cause?: unknown): Fault {
  return fault("province.invalid", { problems }, { cause });
}

function problemAt(source: Source, path: DocumentPath, reason: Text): SourceProblem {
  return {
    file: source.file,
    ...positionOf(source.yaml, source.lines, path),
    path: path.join("."),
    reason,
  };
}

function parseFile(file: SourceFile): Source[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(file.text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    strict: true,
    version: "1.2",
    schema: "core",
    merge: false,
    logLevel: "error",
  });
  return [...parsed].map((yaml) => {
    const source = { file: file.name, yaml, lines };
    // A warning, such as an unknown tag, means that the value would not be what its author wrote.
    const errors: YAMLError[] = [...yaml.errors, ...yaml.warnings];
    if (errors.length > 0) {
      throw invalid(
        errors.map((error) => ({
          file: file.name,
          ...positionAt(lines, error.pos[0]),
          path: "",
          reason: syntaxReason(error),
        })),
      );
    }
    refuseAliases(source);
    return source;
  });
}

function syntaxReason(error: YAMLError): Text {
  if (error.code === "DUPLICATE_KEY") return { zh: "同一映射中键重复", en: "the same key appears twice" };
  return { zh: `YAML 语法错误：${error.message}`, en: `YAML syntax: ${error.message}` };
}

/** An alias can make a small file unfold into gigabytes, and no document here needs one. */
function refuseAliases({ file, yaml, lines }: Source): void {
  visit(yaml, {
    Alias(_key, alias) {
      throw invalid([
        {
          file,
          ...positionAt(lines, alias.range?.[0] ?? 0),
          path: "",
          reason: { zh: "不允许使用 YAML 别名", en: "YAML aliases are not allowed" },
        },
      ]);
    },
  });
}

const header = z.looseObject({ apiVersion: z.literal(API_VERSION), kind: z.enum(DOCUMENT_KINDS) });

/** Null for an empty document, which a trailing `---` leaves behind. */
function parseDocument(source: Source): ProvinceDocument | null {
  const value: unknown = source.yaml.toJS();
  if (value === null || value === undefined) return null;
  const { kind } = checked(source, header, value);
  return checked<ProvinceDocument>(source, DOCUMENT_SCHEMAS[kind], value);
}

const english = { error: en().localeError };
const chinese = { error: zhCN().localeError };

function checked<Value>(source: Source, schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value, english);
  if (result.success) return result.data;
  // The same value breaks the same rules in the same order, so the second pass only translates.
  const translated = schema.safeParse(value, chinese).error?.issues ?? [];
  throw invalid(
    result.error.issues.map((issue, index) =>
      problemAt(source, pathOf(issue), reasonOf(issue, translated[index]?.message ?? issue.message)),
    ),
  );
}

/** An unknown key is reported where the key stands, not where its mapping begins. */
function pathOf(issue: z.core.$ZodIssue): DocumentPath {
  const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  const [unknown] = issue.code === "unrecognized_keys" ? issue.keys : [];
  return unknown === undefined ? path : [...path, unknown];
}

const ownReason = z.object({ reason: z.object({ zh: z.string(), en: z.string() }) });

function reasonOf(issue: z.core.$ZodIssue, zh: string): Text {
  const own = issue.code === "custom" ? ownReason.safeParse(issue.params) : undefined;
  return own?.success ? own.data.reason : { zh, en: issue.message };
}
