import { z } from "@hono/zod-openapi";
import { slug } from "../kernel/input.ts";
import { CIPHERS } from "./cipher.ts";
import type { CredentialRow } from "./store.ts";

const BYTES_MAX = 65_536;

const value = z.union([z.string().max(BYTES_MAX), z.int(), z.boolean()]);

/** What a kind of cloud wants besides its address; each kind names its own fields. */
export const Credential = z
  .record(z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,39}$/), value)
  .refine((fields) => Object.keys(fields).length > 0, "holds nothing")
  .refine((fields) => JSON.stringify(fields).length <= BYTES_MAX, `holds more than ${BYTES_MAX} characters`)
  .openapi("Credential");
export type Credential = z.infer<typeof Credential>;

export const CredentialOfCloud = z.strictObject({ id: slug });

export const CredentialBody = z.strictObject({ credential: Credential });
export const GivenCredential = z.strictObject({
  ...CredentialBody.shape,
  id: slug,
  ifMatch: z.int().optional(),
});
export const TestCredentialBody = z.strictObject({
  credential: Credential.optional().describe("Absent: the one that is kept"),
});
export const TestCredential = z.strictObject({ ...TestCredentialBody.shape, id: slug });

/** Everything that anybody is told about a credential. */
export const CredentialState = z
  .object({
    cloudId: z.string(),
    fields: z.array(z.string()).describe("Names of what is kept, without the values"),
    cipher: z.enum(CIPHERS),
    keyId: z.string().describe("Name of the key it is sealed under"),
    setAt: z.iso.datetime(),
    setBy: z.string(),
    lastUsedAt: z.iso.datetime().nullable(),
    generation: z.int(),
  })
  .openapi("CredentialState");
export type CredentialState = z.infer<typeof CredentialState>;

export const ConnectionTest = z
  .object({ cloudId: z.string(), reachable: z.literal(true) })
  .openapi("ConnectionTest");

export function stateOf(row: CredentialRow): CredentialState {
  const { cloudId, fields, cipher, keyId, setBy, generation } = row;
  return {
    cloudId,
    fields,
    cipher,
    keyId,
    setAt: row.setAt.toISOString(),
    setBy,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    generation,
  };
}
