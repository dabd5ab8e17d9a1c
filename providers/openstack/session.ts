import { z } from "zod";
import { givenUp, unreadable } from "../wire-faults.ts";
import { versioned, WireCatalog } from "./catalog.ts";
import { faultFromReply } from "./faults.ts";
import type { Transport } from "./transport.ts";

const WireToken = z.object({
  token: z.object({
    expires_at: z.iso.datetime(),
    issued_at: z.iso.datetime(),
    user: z.object({ id: z.string() }),
    project: z.object({ id: z.string() }),
    catalog: WireCatalog,
  }),
});

export interface Token {
  readonly value: string;
  readonly userId: string;
  readonly projectId: string;
  readonly catalog: WireCatalog;
  /** On the clock of `performance.now()`. */
  readonly renewAt: number;
  /** How far the cloud's clock is ahead of ours. */
  readonly skewMs: number;
}

/** Tokens of one user in one project, renewed before they end. */
export interface Session {
  token(signal?: AbortSignal): Promise<Token>;
  /** The cloud does not accept this one any more. */
  forget(token: Token): void;
}

/** The `identity` and `scope` of Keystone's request for a token. */
export type SignIn = Readonly<Record<string, unknown>>;

/** A login of its own length, so that one hasty caller does not end it for the others. */
const LOGIN_TIMEOUT_MS = 30_000;
const RENEW_BEFORE_MS = 60_000;

export function openSession(transport: Transport, authUrl: string, signIn: SignIn): Session {
  let current: Promise<Token> | null = null;
  let known: Token | null = null;
  const renewed = (): Promise<Token> => {
    const login = logIn(transport, authUrl, signIn);
    current = login;
    login.then(
      (token) => {
        known = token;
      },
      () => {
        // The next caller tries again.
        if (current === login) current = null;
      },
    );
    return login;
  };
  return {
    token(signal) {
      const ending = known !== null && performance.now() >= known.renewAt;
      if (ending) {
        known = null;
        current = null;
      }
      return unlessAborted(current ?? renewed(), signal);
    },
    forget(token) {
      if (known?.value !== token.value) return;
      known = null;
      current = null;
    },
  };
}

async function logIn(transport: Transport, authUrl: string, signIn: SignIn): Promise<Token> {
  const reply = await transport({
    method: "POST",
    url: `${versioned(authUrl, "identity")}/auth/tokens`,
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({ auth: signIn }),
    signal: AbortSignal.timeout(LOGIN_TIMEOUT_MS),
  });
  if (reply.status !== 201) throw faultFromReply(reply);
  const value = reply.headers.get("x-subject-token");
  const parsed = WireToken.safeParse(jsonOf(reply.body));
  if (value === null || !parsed.success) throw unreadable(parsed.error);
  const { expires_at, issued_at, user, project, catalog } = parsed.data.token;
  // Both times are the cloud's: their difference is right however wrong its clock, or ours, may be.
  const lifetimeMs = Date.parse(expires_at) - Date.parse(issued_at);
  return {
    value,
    userId: user.id,
    projectId: project.id,
    catalog,
    renewAt: performance.now() + Math.max(lifetimeMs - RENEW_BEFORE_MS, lifetimeMs / 2),
    skewMs: Date.parse(issued_at) - Date.now(),
  };
}

export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw unreadable(error);
  }
}

async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return work;
  let onAbort: () => void = () => undefined;
  const abort = new Promise<never>((_, reject) => {
    onAbort = () => reject(givenUp(signal.reason));
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, abort]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
