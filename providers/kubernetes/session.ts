import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import {
  ApiException,
  AppsV1Api,
  type ConfigurationOptions,
  CoreV1Api,
  createConfiguration,
  NetworkingV1Api,
  PatchStrategy,
  RbacAuthorizationV1Api,
  type RequestContext,
  ServerConfiguration,
  VersionApi,
} from "@kubernetes/client-node";
import { HttpProxyAgent, HttpsProxyAgent } from "hpagent";
import { isNotFound } from "../faults.ts";
import type { CallOptions } from "../port.ts";
import { unreadable } from "../wire-faults.ts";
import type { KubernetesConnection } from "./connection.ts";
import { faultFrom } from "./faults.ts";
import { fixedToken, renewedToken, type TokenSource } from "./token.ts";
import { transport } from "./transport.ts";

const ISSUE_MS_MAX = 10_000;

type Run<Value> = (config: ConfigurationOptions) => Promise<Value>;
type ContentType = (typeof PatchStrategy)["ServerSideApply" | "MergePatch"];

/** The client's API groups, and the only way to call them. */
export interface Session {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly networking: NetworkingV1Api;
  readonly rbac: RbacAuthorizationV1Api;
  readonly version: VersionApi;
  /** @throws ProviderFault and nothing else */
  call<Value>(options: CallOptions | undefined, run: Run<Value>): Promise<Value>;
  /** With the media type of a server-side apply or of a merge patch. */
  patch<Value>(
    options: CallOptions | undefined,
    type: "ServerSideApply" | "MergePatch",
    run: Run<Value>,
  ): Promise<Value>;
}

/** Opens no connection until it is called. */
export function openSession(connection: KubernetesConnection): Session {
  const server = connection.server.replace(/\/+$/, "");
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    httpApi: transport(),
  });
  const agent = agentFor(connection);
  const core = new CoreV1Api(configuration);
  const tokens = tokensFor(connection, core, agent);
  let calls = 0;

  const send = async <Value>(
    options: CallOptions | undefined,
    run: Run<Value>,
    contentType: ContentType | null,
  ): Promise<Value> => {
    const { signal, requestId } = options ?? {};
    calls += 1;
    const auditId = requestId === undefined ? null : `${requestId}.${calls}`;
    const attempt = async (again: boolean): Promise<Value> => {
      let token: string | null = null;
      const config = prepared((context) => {
        if (token !== null) context.setHeaderParam("Authorization", `Bearer ${token}`);
        if (contentType !== null) context.setHeaderParam("Content-Type", contentType);
        // The API server keeps it in its own audit log and returns it.
        if (auditId !== null) context.setHeaderParam("Audit-ID", auditId);
        if (signal !== undefined) context.setSignal(signal);
        context.setAgent(agent);
      });
      try {
        signal?.throwIfAborted();
        token = tokens === null ? null : await unlessAborted(signal, tokens.current());
        return await run(config);
      } catch (error) {
        const stale = error instanceof ApiException && error.code === 401;
        // Refused before anything was done, so that even a create may be repeated.
        if (stale && again && token !== null && tokens?.refused(token)) return attempt(false);
        throw faultFrom(error, signal);
      }
    };
    return attempt(true);
  };

  return {
    core,
    apps: new AppsV1Api(configuration),
    networking: new NetworkingV1Api(configuration),
    rbac: new RbacAuthorizationV1Api(configuration),
    version: new VersionApi(configuration),
    call: (options, run) => send(options, run, null),
    patch: (options, type, run) => send(options, run, PatchStrategy[type]),
  };
}

/** Null where there is none. */
export async function existing<Value>(call: Promise<Value>): Promise<Value | null> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** What the API promises and the client's types leave open. */
export function promised<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw unreadable({ missing: what });
  return value;
}

/** Several callers may wait for one new token: who gives up leaves it to the others. */
async function unlessAborted<Value>(signal: AbortSignal | undefined, work: Promise<Value>): Promise<Value> {
  if (signal === undefined) return work;
  let give: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    give = () => reject(signal.reason);
    signal.addEventListener("abort", give, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", give);
  }
}

/** The hook for credentials comes last in the making of a request, so it may set everything else too. */
function prepared(prepare: (context: RequestContext) => void): ConfigurationOptions {
  return {
    authMethods: { default: { getName: () => "yunheng", applySecurityAuthentication: prepare } },
  };
}

function tokensFor(
  { token, serviceAccount, tokenSeconds }: KubernetesConnection,
  core: CoreV1Api,
  agent: HttpAgent,
): TokenSource | null {
  if (token === undefined) return null;
  if (serviceAccount === undefined) return fixedToken(token);
  const [namespace = "", name = ""] = serviceAccount.split("/");
  const issue = async () => {
    const body = { spec: { audiences: [], expirationSeconds: tokenSeconds } };
    const answer = await core.createNamespacedServiceAccountToken(
      { namespace, name, body },
      prepared((context) => {
        context.setHeaderParam("Authorization", `Bearer ${token}`);
        context.setSignal(AbortSignal.timeout(ISSUE_MS_MAX));
        context.setAgent(agent);
      }),
    );
    const issued = promised(answer.status?.token, "status.token");
    // What was granted may be less than what was asked for.
    return { token: issued, seconds: answer.spec?.expirationSeconds ?? tokenSeconds };
  };
  return renewedToken(issue, () => performance.now());
}

/** Kept: the client's own way makes one for each call, and with it a new TLS connection. */
function agentFor(connection: KubernetesConnection): HttpAgent {
  const { server, proxy, caCertificate, clientCertificate, clientKey, serverName } = connection;
  const options = {
    keepAlive: true,
    ...(caCertificate === undefined ? {} : { ca: caCertificate }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
  const encrypted = server.startsWith("https:");
  if (proxy === undefined) return encrypted ? new HttpsAgent(options) : new HttpAgent({ keepAlive: true });
  return encrypted
    ? new HttpsProxyAgent({ ...options, proxy })
    : new HttpProxyAgent({ keepAlive: true, proxy });
}
