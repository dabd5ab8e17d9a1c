import type { IncomingMessage, ServerResponse } from "node:http";
import { parse } from "yaml";
import { cutOff, endure } from "../../emulation/misbehave.ts";
import type { Script } from "../../emulation/script.ts";
import { patchedWith } from "./api-server.ts";
import type { ClusterState } from "./cluster-state.ts";
import { faulty } from "./faulty.ts";
import { listPage } from "./lists.ts";
import { isObject, JsonObject, partOf } from "./objects.ts";
import { NAMESPACES, NODES, PODS, type Resource, type Target, targetOf } from "./resources.ts";
import { badRequest, Refusal } from "./status.ts";
import { assertAllowed } from "./tokens.ts";
import { watch } from "./watch.ts";

const VERSION = {
  major: "1",
  minor: "20",
  gitVersion: "v1.20.2+emulated",
  gitCommit: "0000000000000000000000000000000000000000",
  gitTreeState: "clean",
  buildDate: "2021-01-13T13:20:00Z",
  goVersion: "go1.15.5",
  compiler: "gc",
  platform: "linux/amd64",
};

export interface Request {
  readonly method: string;
  /** Behind `/kubernetes/{cluster}`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One request of a client to the API of one cluster. */
export async function serve(
  cluster: ClusterState,
  script: Script,
  request: Request,
  { incoming, outgoing }: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse },
): Promise<void> {
  const target = targetOf(request.path);
  const isList = request.method === "GET" && target !== null && target.name === null;
  const treatment = script.treat({ method: request.method, path: request.path, isList });
  const instead = await endure(treatment, { incoming, outgoing });
  if (instead === "silence") return;
  if (instead !== null) throw faulty(instead, outgoing);
  const user = userOf(cluster, request.headers.authorization);
  if (request.path === "/version") return send(outgoing, { status: 200, body: VERSION });
  if (/^\/(readyz|livez|healthz)$/.test(request.path)) {
    outgoing.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end("ok");
    return;
  }
  if (target === null)
    throw new Refusal(404, "NotFound", "the server could not find the requested resource", {});
  assertAllowed(cluster.store, user, request.method, target);
  if (isList && /^(1|true)$/.test(request.query.watch ?? "")) {
    watch(cluster.store, target.resource, target.namespace, request.query, outgoing);
    return;
  }
  const asOf = treatment.lagMs === 0 ? null : cluster.now() - treatment.lagMs;
  const answer = isList
    ? { status: 200, body: listPage(cluster.store, target.resource, target.namespace, request.query, asOf) }
    : done(cluster, target, request);
  if (treatment.loseReply) return cutOff({ incoming });
  if (treatment.partial) return sendHalf(incoming, outgoing, answer);
  send(outgoing, answer);
}

function done(cluster: ClusterState, target: Target, request: Request): Answer {
  const { api, tokens } = cluster;
  const { resource, namespace, name, subresource } = target;
  const { method, query } = request;
  const how = { manager: managerOf(request), dryRun: query.dryRun === "All" };
  if (method === "POST" && name !== null && subresource === "token" && namespace !== null) {
    return { status: 201, body: tokens.issue(namespace, name, bodyOf(request, resource)) };
  }
  if (method === "POST" && name === null) {
    const { metadata, ...made } = api.create(resource, namespace, bodyOf(request, resource), how);
    const { resourceVersion, ...others } = metadata;
    // What was only tried has no version.
    return { status: 201, body: { ...made, metadata: how.dryRun ? others : { ...others, resourceVersion } } };
  }
  if (name === null) throw notAllowed();
  const at = { resource, namespace, name };
  const status = statusOf(target);
  if (method === "GET" && subresource === null)
    return { status: 200, body: api.find(resource, namespace, name) };
  if (method === "PUT") {
    const body = bodyOf(request, resource);
    return { status: 200, body: api.update(at, () => body, { ...how, status }) };
  }
  if (method === "PATCH") {
    const type = (request.headers["content-type"] ?? "").split(";")[0];
    if (type === "application/apply-patch+yaml" && !status) {
      if (query.fieldManager === undefined) throw managerRequired();
      const config = bodyOf(request, resource);
      const { object, created } = api.apply(at, config, { ...how, force: query.force === "true" });
      return { status: created ? 201 : 200, body: object };
    }
    if (type !== "application/merge-patch+json") {
      throw new Refusal(
        415,
        "UnsupportedMediaType",
        `the body of the request was in an unknown format - accepted media types include: application/merge-patch+json, application/apply-patch+yaml`,
        {},
      );
    }
    return { status: 200, body: api.update(at, patchedWith(bodyOf(request, resource)), { ...how, status }) };
  }
  if (method === "DELETE" && subresource === null) return removed(cluster, target, name, request);
  throw notAllowed();
}

/** The API answers with the object where it lives on for a while, and with a word where it does not. */
function removed(
  cluster: ClusterState,
  { resource, namespace }: Target,
  name: string,
  request: Request,
): Answer {
  const options = request.body === "" ? {} : bodyOf(request, resource);
  const { uid } = partOf(options, "preconditions");
  const seconds = options.gracePeriodSeconds ?? request.query.gracePeriodSeconds;
  const policy = options.propagationPolicy ?? request.query.propagationPolicy;
  const object = cluster.api.remove(resource, namespace, name, {
    ...(typeof uid === "string" ? { uid } : {}),
    ...(seconds === undefined ? {} : { gracePeriodSeconds: Number(seconds) }),
    ...(typeof policy === "string" ? { propagationPolicy: policy } : {}),
  });
  const lives =
    resource === NAMESPACES || resource === PODS || object.metadata.deletionTimestamp !== undefined;
  if (lives) return { status: 200, body: object };
  const group = resource.group === "" ? {} : { group: resource.group };
  const details = { name, ...group, kind: resource.plural, uid: object.metadata.uid };
  return {
    status: 200,
    body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details },
  };
}

function userOf(cluster: ClusterState, authorization: string | undefined) {
  const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
  const user = token === undefined ? null : cluster.tokens.userOf(token);
  if (user === null) throw new Refusal(401, "Unauthorized", "Unauthorized");
  return user;
}

function bodyOf({ body, headers }: Request, resource: Resource): JsonObject {
  const isYaml = (headers["content-type"] ?? "").includes("yaml");
  let parsed: unknown;
  try {
    parsed = isYaml ? parse(body) : JSON.parse(body);
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    const what = `the object provided is unrecognized (must be of type ${resource.kind})`;
    throw badRequest(`${what}: couldn't get version/kind; json parse error: ${why}`);
  }
  const object = JsonObject.safeParse(parsed);
  if (!object.success || !isObject(object.data)) throw badRequest("the body is not an object");
  return object.data;
}

/** The client's own name, as the API server takes it where nobody names the manager. */
function managerOf({ query, headers }: Request): string {
  return query.fieldManager ?? (headers["user-agent"] ?? "unknown").split("/")[0] ?? "unknown";
}

function statusOf({ resource, subresource }: Target): boolean {
  if (subresource === null) return false;
  if (subresource === "status" && (resource === NODES || resource === PODS || resource === NAMESPACES))
    return true;
  throw new Refusal(404, "NotFound", "the server could not find the requested resource", {});
}

function notAllowed(): Refusal {
  const message = "the server does not allow this method on the requested resource";
  return new Refusal(405, "MethodNotAllowed", message, {});
}

function managerRequired(): Refusal {
  const message = "Required value: is required for apply patch";
  const [group, kind, field] = ["meta.k8s.io", "PatchOptions", "fieldManager"];
  const causes = [{ reason: "FieldValueRequired", message, field }];
  const text = `${kind}.${group} "" is invalid: ${field}: ${message}`;
  return new Refusal(422, "Invalid", text, { group, kind, causes });
}

function send(outgoing: ServerResponse, { status, body }: Answer): void {
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Half of a list: the connection ends before the content does. */
function sendHalf(incoming: IncomingMessage, outgoing: ServerResponse, { status, body }: Answer): void {
  const text = Buffer.from(JSON.stringify(body));
  outgoing.writeHead(status, { "content-type": "application/json", "content-length": text.length });
  outgoing.write(text.subarray(0, text.length / 2), () => incoming.socket.destroy());
}

export function answerRefusal(outgoing: ServerResponse, refusal: Refusal): void {
  if (outgoing.headersSent) outgoing.destroy();
  else send(outgoing, { status: refusal.body.code, body: refusal.body });
}
