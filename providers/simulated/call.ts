import type { z } from "zod";
import type { CallOptions } from "../port.ts";
import { fetchCode, unanswered, unreadable } from "../wire-faults.ts";
import type { SimulatedConnection } from "./connection.ts";
import { faultFromReply } from "./faults.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Segments behind `/simulated/{cloud}/v1`, not yet encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly clientToken?: string;
}

export type Send = <Schema extends z.ZodType>(
  call: Call,
  reply: Schema,
  options: CallOptions | undefined,
) => Promise<z.output<Schema>>;

/** Sends one call and reads its answer; every way to fail becomes a `ProviderFault`. */
export function sender(connection: SimulatedConnection): Send {
  return async (call, reply, options) => {
    const signal = options?.signal;
    let response: Response;
    let text: string;
    try {
      response = await fetch(address(connection, call), {
        method: call.method,
        headers: headersOf(connection, call, options),
        // A redirect would carry the token to a place that nobody configured.
        redirect: "manual",
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        ...(signal === undefined ? {} : { signal }),
      });
      text = await response.text();
    } catch (error) {
      throw unanswered(error, signal, fetchCode(error));
    }
    if (!response.ok) {
      throw faultFromReply({ status: response.status, headers: response.headers, body: text });
    }
    return contentOf(text, reply);
  };
}

function contentOf<Schema extends z.ZodType>(text: string, reply: Schema): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw unreadable(error);
  }
  const parsed = reply.safeParse(json);
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

function address(connection: SimulatedConnection, call: Call): URL {
  const segments = ["simulated", connection.cloud, "v1", ...call.path].map(encodeURIComponent);
  const url = new URL(`${connection.url.replace(/\/+$/, "")}/${segments.join("/")}`);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function headersOf(connection: SimulatedConnection, call: Call, options: CallOptions | undefined) {
  return {
    authorization: `Bearer ${connection.token}`,
    accept: "application/json",
    ...(call.body === undefined ? {} : { "content-type": "application/json" }),
    ...(call.clientToken === undefined ? {} : { "client-token": call.clientToken }),
    ...(options?.requestId === undefined ? {} : { "x-request-id": options.requestId }),
  };
}
