const TOKEN = /"(?:[^"\\]|\\.)*"(?:[ \t\n\r]*:)?|[{}[\]]/g;

/** The first key that stands twice in one object of a valid JSON text, at any depth; `JSON.parse` keeps the last only. */
export function repeatedKey(json: string): string | null {
  const open: Set<string>[] = [];
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token.endsWith(":")) {
      const key = keyOf(token);
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return null;
}

/** `"\u0061"` and `"a"` are the same key. */
function keyOf(token: string): string {
  return String(JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)));
}
