import type { Send } from "./client.ts";
import type { Ec2Connection } from "./connection.ts";
import type { Sizes } from "./sizes.ts";

/** What every part of the adapter works with. */
export interface Cloud {
  readonly connection: Ec2Connection;
  readonly send: Send;
  readonly sizes: Sizes;
}
