import { join } from "node:path";
import type { Config } from "../config.ts";

/** Where the key that signs checkpoints and exports is kept; all processes of an installation share it. */
export function signingKeyFile(config: Config): string {
  return config.AUDIT_KEY_FILE ?? join(config.DATA_DIR, "audit-signing-key.pem");
}
