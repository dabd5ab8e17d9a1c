import { bigint, customType, integer, jsonb, text, timestamp } from "drizzle-orm/pg-core";
import type { ResourceClass } from "../../kernel/quantity.ts";

/** Whole units; the database has a BIGINT, the process refuses anything above 2^53. */
export const quantity = (name: string) => bigint(name, { mode: "number" });

export const resourceClass = () => text("resource_class").$type<ResourceClass>().notNull();

export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Optimistic lock: every change states the generation that it has seen. */
export const generation = () => integer("generation").notNull().default(1);

export const json = <Value>(name: string) => jsonb(name).$type<Value>();

/** A transaction's id; readers that must not skip a late commit stop below the oldest one in progress. */
export const transactionId = customType<{ data: string; driverData: string }>({
  dataType: () => "xid8",
});

/** A file's content. The drivers hand over different classes of bytes. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
  fromDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
});
