import type { ServerResponse } from "node:http";
import { z } from "zod";
import type { Request } from "./cluster-routes.ts";
import type { ClusterState } from "./cluster-state.ts";
import { ClusterDeclaration, declareCluster } from "./declare-cluster.ts";
import { FaultRule } from "./script.ts";

export interface Clusters {
  readonly ids: () => string[];
  find(id: string): ClusterState | undefined;
  /** Opens it where there is none yet. */
  open(id: string): ClusterState;
}

interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Declares clusters, scripts their faults, ends tokens and forgets history. */
export function administer(clusters: Clusters, request: Request, outgoing: ServerResponse): void {
  const { status, body } = answerTo(clusters, request);
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(body === null ? "" : JSON.stringify(body));
}

function answerTo(clusters: Clusters, { method, path, body }: Request): AdminAnswer {
  const [, id = "", part, item] = /^\/clusters(?:\/([^/]+)(?:\/([a-z]+)(?:\/([^/]+))?)?)?$/.exec(path) ?? [];
  if (id === "") return method === "GET" ? { status: 200, body: { clusters: clusters.ids() } } : unknown();
  if (!NAME.test(id)) return problem(422, "not a name for a cluster");
  if (method === "PUT" && part === undefined) {
    const declared = parsed(ClusterDeclaration, body);
    if (declared instanceof z.ZodError) return problem(422, z.prettifyError(declared));
    const known = clusters.find(id) !== undefined;
    declareCluster(clusters.open(id), declared);
    return { status: known ? 200 : 201, body: { id } };
  }
  const cluster = clusters.find(id);
  if (cluster === undefined) return problem(404, `no cluster ${id}`);
  switch (`${method} ${part}`) {
    case "GET faults":
      return { status: 200, body: { faults: cluster.script.list() } };
    case "POST faults": {
      const rule = parsed(FaultRule, body);
      if (rule instanceof z.ZodError) return problem(422, z.prettifyError(rule));
      return { status: 201, body: { id: cluster.script.add(rule) } };
    }
    case "DELETE faults":
      cluster.script.clear(item);
      return { status: 204, body: null };
    case "DELETE tokens":
      cluster.tokens.expire();
      return { status: 204, body: null };
    case "DELETE history":
      cluster.store.compact();
      return { status: 204, body: null };
    default:
      return unknown();
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> | z.ZodError {
  let json: unknown = null;
  try {
    json = JSON.parse(body);
  } catch {
    // Left null: the schema says what is wrong with it.
  }
  const result = schema.safeParse(json);
  return result.success ? result.data : result.error;
}

function unknown(): AdminAnswer {
  return problem(404, "no such route");
}

function problem(status: number, message: string): AdminAnswer {
  return { status, body: { message } };
}
