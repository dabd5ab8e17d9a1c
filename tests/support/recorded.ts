import { readFileSync } from "node:fs";
import { z } from "zod";

const Recording = z.object({
  exchanges: z.array(
    z.object({
      name: z.string(),
      request: z.object({
        method: z.string(),
        path: z.string(),
        headers: z.record(z.string(), z.string()),
        body: z.unknown(),
      }),
      response: z.object({ status: z.number(), body: z.unknown() }),
    }),
  ),
});
export type Exchange = z.infer<typeof Recording>["exchanges"][number];

/** Exchanges with a real Kubernetes, in the order in which they happened. */
export function recordedKubernetes(file: string): Exchange[] {
  const url = new URL(`../fixtures/kubernetes/${file}`, import.meta.url);
  return Recording.parse(JSON.parse(readFileSync(url, "utf8"))).exchanges;
}
