import type { Service } from "./places.ts";

/** Thrown where the real service answers with an error; becomes an answer in the service's own form. */
export class Refusal extends Error {
  readonly status: number;
  /** Nova's key, Neutron's type, Placement's code; Keystone goes by the status alone. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const NOVA_KEYS: Readonly<Record<number, string>> = {
  400: "badRequest",
  403: "forbidden",
  404: "itemNotFound",
  409: "conflictingRequest",
  429: "overLimit",
};

/** Signing in is refused by the same middleware, in the same words, before every service. */
export const UNAUTHORIZED = "The request you have made requires authentication.";

export function errorBody(service: Service, refusal: Refusal, requestId: string): unknown {
  const { status, code, message } = refusal;
  const title = TITLES[status] ?? "Error";
  if (service === "identity" || status === 401) return { error: { code: status, message, title } };
  switch (service) {
    case "compute":
    case "volume":
      return { [code === "" ? (NOVA_KEYS[status] ?? "computeFault") : code]: { code: status, message } };
    case "network":
      return { NeutronError: { type: code === "" ? `HTTP${status}` : code, message, detail: "" } };
    case "placement":
      return {
        errors: [
          {
            status,
            title,
            detail: message,
            code: code === "" ? "placement.undefined_code" : code,
            request_id: requestId,
          },
        ],
      };
    case "image":
      return `<html>\n <head>\n  <title>${status} ${title}</title>\n </head>\n <body>\n  <h1>${status} ${title}</h1>\n  ${message}<br /><br />\n </body>\n</html>`;
  }
}

export function notFound(code: string, message: string): Refusal {
  return new Refusal(404, code, message);
}
