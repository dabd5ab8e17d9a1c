/** A token and how long it may still be used. */
export interface IssuedToken {
  readonly token: string;
  readonly seconds: number;
}

export interface TokenSource {
  current(): Promise<string>;
  /** Called when the cloud has refused a token; true where another one is worth a try. */
  refused(token: string): boolean;
}

/** A token for as long as it is valid; nothing can be done when it no longer is. */
export function fixedToken(token: string): TokenSource {
  return { current: () => Promise.resolve(token), refused: () => false };
}

/** Asked for anew after so much of the lifetime that was granted. */
const RENEW_AFTER = 0.8;

/**
 * Short-lived tokens, asked for when needed. Their age is measured here, in milliseconds that never run
 * backwards: a clock that differs from the cloud's makes no difference.
 */
export function renewedToken(issue: () => Promise<IssuedToken>, elapsed: () => number): TokenSource {
  let held: { readonly token: string; readonly renewAt: number; readonly endsAt: number } | null = null;
  let asking: Promise<string> | null = null;

  const ask = async (): Promise<string> => {
    const askedAt = elapsed();
    try {
      const { token, seconds } = await issue();
      const lifeMs = seconds * 1000;
      held = { token, renewAt: askedAt + lifeMs * RENEW_AFTER, endsAt: askedAt + lifeMs };
      return token;
    } catch (error) {
      // The old one serves as long as it lasts.
      if (held !== null && elapsed() < held.endsAt) return held.token;
      throw error;
    } finally {
      asking = null;
    }
  };

  return {
    async current() {
      if (held !== null && elapsed() < held.renewAt) return held.token;
      asking ??= ask();
      return asking;
    },
    refused(token) {
      // Where it was replaced meanwhile, the new one has not been tried yet.
      if (held?.token === token) held = null;
      return true;
    },
  };
}
