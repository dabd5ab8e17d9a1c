const LENGTH_MAX = 200;
/** Upper bounds above this count as unbounded. */
const REPEAT_MAX = 64;

const TOKEN = /\\[1-9k]|\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?!:)|\)(?:[*+?]|\{\d)|[*+?]|\{(\d+)(,?)(\d*)\}/gu;

/**
 * Why a pattern is refused, or null. The engine backtracks, and the text it runs over comes from applicants:
 * without quantified groups and with at most two variable repeats no text can make it take long.
 */
export function patternObjection(pattern: string): string | null {
  if (pattern.length > LENGTH_MAX) return `pattern longer than ${LENGTH_MAX} characters`;
  try {
    new RegExp(pattern, "u");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  let variable = 0;
  let unbounded = 0;
  for (const [token, low, comma, high] of pattern.matchAll(TOKEN)) {
    if (/^\\[1-9k]/.test(token)) return "back-references are not allowed";
    if (token === "(?") return "look-around and named groups are not allowed";
    if (token.startsWith(")") && token.length > 1) return "a group must not be repeated";
    if (token === "*" || token === "+") unbounded += 1;
    if (token === "*" || token === "+" || token === "?") variable += 1;
    if (low === undefined) continue;
    if (comma === ",") variable += 1;
    if ((comma === "," && high === "") || Number(high || low) > REPEAT_MAX) unbounded += 1;
  }
  if (unbounded > 1 || variable > 2) return "too many repeats of variable length (2, one of them unbounded)";
  return null;
}
