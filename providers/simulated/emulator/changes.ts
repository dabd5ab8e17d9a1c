import { z } from "zod";
import { CloudRecord, InstanceRecord, ReceiptRecord, TenancyRecord } from "./records.ts";

/** One record set or, with null, taken away. */
export const Change = z.discriminatedUnion("table", [
  z.strictObject({ table: z.literal("cloud"), cloud: z.string(), value: CloudRecord }),
  z.strictObject({
    table: z.literal("tenancy"),
    cloud: z.string(),
    tenancy: z.string(),
    value: TenancyRecord.nullable(),
  }),
  z.strictObject({
    table: z.literal("instance"),
    cloud: z.string(),
    tenancy: z.string(),
    instance: z.string(),
    value: InstanceRecord.nullable(),
  }),
  z.strictObject({ table: z.literal("receipt"), cloud: z.string(), value: ReceiptRecord }),
]);

/** What one call did, all of it or nothing, and when. One line of the journal. */
export const Commit = z.strictObject({ at: z.int(), changes: z.array(Change) });

export type Change = z.infer<typeof Change>;
export type Commit = z.infer<typeof Commit>;
