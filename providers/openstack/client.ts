import { z } from "zod";
import { ProviderFault } from "../faults.ts";
import type { CallOptions } from "../port.ts";
import { unreadable } from "../wire-faults.ts";
import { endpointOf, findEndpoint, type Service } from "./catalog.ts";
import type { OpenstackConnection } from "./connection.ts";
import { faultFromReply } from "./faults.ts";
import { jsonOf, type Session, type Token } from "./session.ts";
import type { HttpReply, HttpRequest, Transport } from "./transport.ts";

export interface Call {
  readonly service: Service;
  readonly method?: HttpRequest["method"];
  /** Segments behind the service's address, not yet encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls of one session, for the length of one call of the port. */
export interface Client {
  call<Schema extends z.ZodType>(call: Call, reply: Schema): Promise<z.output<Schema>>;
  /** Whether the catalog has the service. */
  has(service: Service): Promise<boolean>;
  token(): Promise<Token>;
}

/** For calls whose answer is empty or of no interest. */
export const NOTHING = z.unknown();

const COMPUTE_WANTED = 87;
const COMPUTE_NEEDED = 53;
const PLACEMENT_VERSION = "placement 1.20";

/** What clients of one cloud share: the compute version is asked for once. */
export interface Wiring {
  readonly transport: Transport;
  readonly connection: OpenstackConnection;
  computeVersion: string | null;
}

const WireVersion = z.object({ version: z.object({ version: z.string().regex(/^2\.\d+$/) }) });

export function clientOf(wiring: Wiring, session: Session, options: CallOptions | undefined): Client {
  const { connection } = wiring;
  const signal = options?.signal;

  const send = async (call: Call, token: Token): Promise<HttpReply> => {
    const url = addressOf(endpointOf(token.catalog, call.service, connection), call);
    return wiring.transport({
      method: call.method ?? "GET",
      url,
      headers: {
        accept: "application/json",
        "x-auth-token": token.value,
        ...(await versionHeader(call.service)),
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...(options?.requestId === undefined
          ? {}
          : { "x-openstack-request-id": globalRequestId(options.requestId) }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  };

  /** A token may end early: revoked, or by a restart of Keystone. One new one is worth a try. */
  const answer = async (call: Call): Promise<HttpReply> => {
    const token = await session.token(signal);
    const reply = await send(call, token);
    if (reply.status !== 401) return reply;
    session.forget(token);
    return send(call, await session.token(signal));
  };

  const versionHeader = async (service: Service): Promise<Record<string, string>> => {
    if (service === "placement") return { "openstack-api-version": PLACEMENT_VERSION };
    if (service !== "compute") return {};
    wiring.computeVersion ??= await negotiated();
    return { "openstack-api-version": `compute ${wiring.computeVersion}` };
  };

  /** Derivatives are of many ages: the newest version that both sides know. */
  const negotiated = async (): Promise<string> => {
    const token = await session.token(signal);
    const reply = await wiring.transport({
      method: "GET",
      url: `${endpointOf(token.catalog, "compute", connection).replace(/(\/v2\.1)\/.*$/, "$1")}/`,
      headers: { accept: "application/json", "x-auth-token": token.value },
      ...(signal === undefined ? {} : { signal }),
    });
    if (reply.status !== 200) throw faultFromReply(reply);
    const { version } = contentOf(reply, WireVersion).version;
    const minor = Math.min(COMPUTE_WANTED, Number(version.slice(2)));
    if (minor < COMPUTE_NEEDED) {
      throw new ProviderFault(
        "Invalid",
        `compute API 2.${COMPUTE_NEEDED} is needed; this cloud has ${version}`,
      );
    }
    return `2.${minor}`;
  };

  return {
    async call(call, schema) {
      const reply = await answer(call);
      if (reply.status < 200 || reply.status >= 300) throw faultFromReply(reply);
      return contentOf(reply, schema);
    },
    has: async (service) => findEndpoint((await session.token(signal)).catalog, service, connection) !== null,
    token: () => session.token(signal),
  };
}

function contentOf<Schema extends z.ZodType>(reply: HttpReply, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(reply.body === "" ? null : jsonOf(reply.body));
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

function addressOf(base: string, call: Call): string {
  const url = new URL(`${base}/${call.path.map(encodeURIComponent).join("/")}`);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

/** OpenStack takes over only what looks like an id of its own. */
function globalRequestId(requestId: string): string {
  return requestId.startsWith("req-") ? requestId : `req-${requestId}`;
}
