import type { Actor } from "../../control-plane/context.ts";

/** What can be taken from the program, so that the race shows that it would be missed. */
export const OMISSIONS = ["none", "locks", "keys"] as const;
export type Omission = (typeof OMISSIONS)[number];

export interface WriterTask {
  readonly url: string;
  readonly connections: number;
  readonly omit: Omission;
  readonly actor: Actor;
  readonly submits: boolean;
  /** Writers choose from the same keys, so that one key is used by several processes. */
  readonly keys: number;
}

export const OPERATIONS = [
  "hold",
  "commit",
  "release",
  "grow",
  "shrink",
  "close",
  "submit",
  "expire",
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** `late`: the hold was over before it could be committed. `none`: there was nothing to do it with. */
export type Ending = "done" | "refused" | "late" | "none";

/** One operation that came to its end, or an attempt that did not; sent by a writer. */
export type Message =
  | {
      readonly kind: "ended";
      readonly operation: Operation;
      readonly ending: Ending;
      readonly key?: string;
      /** The request that the key was answered with. */
      readonly answer?: string;
    }
  /** An attempt that the database gave up: `40001`, `40P01`, or a fault code when it was away. */
  | { readonly kind: "failed"; readonly operation: Operation; readonly code: string }
  | { readonly kind: "unexpected"; readonly operation: Operation; readonly error: string };
