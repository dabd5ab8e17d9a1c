import type { Content, Entry } from "./content.ts";

/** The whole content, entry by entry. */
export async function* asJson({ head, summary, digest, entries }: Content): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const start = JSON.stringify({ ...head, summary }).slice(0, -1);
  yield encoder.encode(`${start},"findings":[`);
  let count = 0;
  for await (const page of entries()) {
    if (page.length === 0) continue;
    const lines = page.map((entry, at) => `${count + at === 0 ? "" : ","}${JSON.stringify(rowOf(entry))}`);
    count += page.length;
    yield encoder.encode(`${lines.join("\n")}\n`);
  }
  yield encoder.encode(`],"findingCount":${count},"digest":${JSON.stringify(digest)}}\n`);
}

/** The rule stands once in the summary; entries name it. */
function rowOf({ control, ...entry }: Entry) {
  const { id: controlId, rule, framework, severity } = control;
  return { controlId, rule, framework, severity, ...entry };
}
