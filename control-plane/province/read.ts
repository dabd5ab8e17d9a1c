import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Text } from "../kernel/text.ts";
import { invalid, parseProvince, type SourceFile } from "./parse.ts";
import type { Province } from "./province.ts";

/** Generous for a province (Guangdong's files take well under 1 MB together), small enough to read at once. */
const FILE_BYTES_MAX = 1024 * 1024;
const TOTAL_BYTES_MAX = 16 * 1024 * 1024;
const FILES_MAX = 1000;

/**
 * Reads every `*.yaml` directly inside a directory, in the order of their names.
 * Throws `province.invalid` with `problems: SourceProblem[]`; nothing of an invalid set is returned.
 */
export async function readProvince(directory: string): Promise<Province> {
  const names = await listYaml(directory);
  const files: SourceFile[] = [];
  let totalBytes = 0;
  for (const name of names) {
    const path = join(directory, name);
    const entry = await stat(path).catch((cause: unknown) => {
      throw refused(name, { zh: "文件无法读取", en: "the file cannot be read" }, cause);
    });
    if (!entry.isFile()) throw refused(name, { zh: "不是普通文件", en: "not a regular file" });
    const { size } = entry;
    totalBytes += size;
    if (size > FILE_BYTES_MAX) throw refused(name, tooLarge("文件", "the file", FILE_BYTES_MAX));
    if (totalBytes > TOTAL_BYTES_MAX)
      throw refused(name, tooLarge("全部文件", "the file set", TOTAL_BYTES_MAX));
    files.push({ name, text: decode(name, await readFile(path)) });
  }
  const province = parseProvince(files);
  // An empty set with pruning would delete a whole province, and is never what was meant.
  if (Object.values(province).every((documents) => documents.length === 0)) {
    throw refused(directory, { zh: "目录中没有任何文档", en: "the directory contains no document" });
  }
  return province;
}

async function listYaml(directory: string): Promise<string[]> {
  let entries: string[];
  try {
    entries = await readdir(directory);
  } catch (cause) {
    throw refused(directory, { zh: "目录无法读取", en: "the directory cannot be read" }, cause);
  }
  const names = entries.filter((name) => /\.ya?ml$/.test(name) && !name.startsWith(".")).toSorted();
  if (names.length > FILES_MAX) {
    throw refused(directory, { zh: `文件超过 ${FILES_MAX} 个`, en: `more than ${FILES_MAX} files` });
  }
  return names;
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refused(name, { zh: "文件不是 UTF-8 编码", en: "the file is not UTF-8" }, cause);
  }
}

function tooLarge(zh: string, en: string, bytesMax: number): Text {
  return { zh: `${zh}超过 ${bytesMax} 字节`, en: `${en} exceeds ${bytesMax} bytes` };
}

function refused(file: string, reason: Text, cause?: unknown) {
  return invalid([{ file, line: 1, column: 1, path: "", reason }], cause);
}
