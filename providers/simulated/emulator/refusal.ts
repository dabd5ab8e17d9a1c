import type { Context } from "hono";

/** An answer other than success, in the cloud's own words. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 422 | 507;
  readonly code: string;

  constructor(status: Refusal["status"], code: string, message: string) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
  }
}

export function notFound(what: string): Refusal {
  return new Refusal(404, "not_found", `no ${what}`);
}

/** Every error of a simulated cloud has this one form. */
export function answerError(c: Context, status: number, code: string, message: string): Response {
  c.header("Content-Type", "application/json");
  return new Response(JSON.stringify({ error: { code, message } }), {
    status,
    headers: c.res.headers,
  });
}
