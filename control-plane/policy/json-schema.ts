import { z } from "zod";
import { policyDocument } from "./schema.ts";

/** The text of `policies/schema.json`, for editors that check YAML while it is written. */
export function policyJsonSchema(): string {
  const schema = z.toJSONSchema(policyDocument, { io: "input", target: "draft-2020-12", reused: "ref" });
  return `${JSON.stringify({ ...schema, title: "Yunheng policy" }, null, 2)}\n`;
}
