/** What an answer is made of; a list becomes `<item>` after `<item>`, an absent value nothing at all. */
export type Xml = string | number | boolean | null | undefined | readonly Xml[] | XmlFields;
export interface XmlFields {
  readonly [name: string]: Xml;
}

function toXml(content: Xml): string {
  if (content === null || content === undefined) return "";
  if (isList(content)) return content.map((item) => `<item>${toXml(item)}</item>`).join("");
  if (typeof content !== "object") return escaped(String(content));
  return Object.entries(content)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${name}>${toXml(value)}</${name}>`)
    .join("");
}

/** The compiler's own test loses sight of lists that may not be changed. */
function isList(content: Xml): content is readonly Xml[] {
  return Array.isArray(content);
}

export function document(root: string, namespace: string, content: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">${toXml(content)}</${root}>`;
}

export function errorDocument(code: string, message: string, requestId: string): string {
  const error = { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId };
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Response>${toXml(error)}</Response>`;
}

/** Characters that XML forbids altogether are left out rather than making the whole answer unreadable. */
function escaped(text: string): string {
  return [...text]
    .filter((sign) => sign >= " " || sign === "\n" || sign === "\t")
    .join("")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
