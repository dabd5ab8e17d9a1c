/** From the third time on: what is asked once or twice is not worth a plan that the server keeps. */
const TIMES = 3;

/** Texts with lists of many lengths would otherwise fill the server's memory, connection by connection. */
const TEXTS_MAX = 500;

/**
 * Tells which statements come again and again. Those are prepared: they are parsed and planned once for each
 * connection and take one round trip instead of two, so that several can be under way behind each other.
 */
export function recurringText(): (text: string) => boolean {
  const times = new Map<string, number>();
  return (text) => {
    const before = times.get(text);
    if (before === undefined && times.size >= TEXTS_MAX) return false;
    const now = (before ?? 0) + 1;
    if (now <= TIMES) times.set(text, now);
    return now >= TIMES;
  };
}
