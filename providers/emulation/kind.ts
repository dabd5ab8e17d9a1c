import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import { z } from "zod";
import type { Scripts } from "./script.ts";

/** One kind of emulated cloud; its clouds are at `/{name}/{cloud}` of the server. */
export interface EmulatedKind {
  readonly name: string;
  readonly scripts: Scripts;
  cloudIds(): readonly string[];
  /** Makes the cloud, or brings it to what is declared; what tenants have made stays. @throws z.ZodError */
  declare(cloud: string, declared: unknown): void;
  /** One request of a client to one of the clouds. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>;
  /** What an administrator may do beside what every kind has, below `/{cloud}`. */
  readonly deeds?: Hono<{ Bindings: HttpBindings }>;
  close(): void;
}

export const CloudName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "not a name for a cloud");

const Amounts = z.record(z.string(), z.number().nonnegative());

/** A pool as a province declares it, whatever the kind of its cloud; an absent overcommitment is 1. */
export const PoolDeclaration = z.strictObject({
  name: z.string().min(1).max(100),
  /** CPU family or instruction set. */
  architecture: z.string().min(1).nullable().default(null),
  total: Amounts,
  allocationRatio: Amounts.default({}),
});
export type PoolDeclaration = z.output<typeof PoolDeclaration>;

/** How long a cloud works on what it has accepted. */
export interface DelayRange {
  readonly min: number;
  readonly max: number;
}

export const UNHURRIED: DelayRange = { min: 150, max: 900 };
