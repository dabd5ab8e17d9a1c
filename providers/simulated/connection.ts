import { z } from "zod";

/** Where a simulated cloud is and how to enter it. */
export const SimulatedConnection = z.strictObject({
  /** The server's address; the clouds are below it under `/simulated/{cloud}/v1`. */
  url: z.url({ protocol: /^https?$/ }),
  token: z.string().min(1),
  cloud: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/),
});
export type SimulatedConnection = z.infer<typeof SimulatedConnection>;
