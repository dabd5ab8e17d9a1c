import { randomBytes } from "node:crypto";
import { z } from "zod";
import { timeOf } from "./api-server.ts";
import type { JsonObject, Stored } from "./objects.ts";
import { BINDINGS, CLUSTER_BINDINGS, SECRETS, SERVICE_ACCOUNTS, type Target } from "./resources.ts";
import { notFound, Refusal } from "./status.ts";
import type { Store } from "./store.ts";
import { BindingView } from "./views.ts";

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

interface Issued {
  readonly user: User;
  readonly namespace: string;
  readonly endsAt: number;
  readonly secret: { readonly name: string; readonly uid: string } | null;
}

const ADMINISTRATORS = "system:masters";
const SECONDS_MIN = 600;
const SECONDS_DEFAULT = 3_600;

const TokenRequest = z.looseObject({
  spec: z
    .looseObject({
      expirationSeconds: z.number().default(SECONDS_DEFAULT),
      boundObjectRef: z.looseObject({ kind: z.string(), name: z.string() }).optional(),
    })
    .default({ expirationSeconds: SECONDS_DEFAULT }),
});

export interface Tokens {
  /** Null for a token that is not, or no longer, valid. */
  userOf(token: string): User | null;
  issue(namespace: string, account: string, body: JsonObject): JsonObject;
  /** Ends every token that was issued. */
  expire(): void;
}

/** `known` are the tokens that end only with the cluster. */
export function openTokens(store: Store, known: ReadonlyMap<string, User>, now: () => number): Tokens {
  const issued = new Map<string, Issued>();
  return {
    userOf(token) {
      const fixed = known.get(token);
      if (fixed !== undefined) return fixed;
      const one = issued.get(token);
      if (one === undefined || one.endsAt <= now()) return null;
      const { secret, namespace, user } = one;
      // Bound to an object, it ends with that very object.
      if (secret !== null && store.get(SECRETS, namespace, secret.name)?.metadata.uid !== secret.uid)
        return null;
      return user;
    },
    issue(namespace, account, body) {
      const found = store.get(SERVICE_ACCOUNTS, namespace, account);
      if (found === null) throw notFound(SERVICE_ACCOUNTS, account);
      const { spec } = TokenRequest.parse(body);
      if (spec.expirationSeconds < SECONDS_MIN) throw tooShort(spec.expirationSeconds);
      const bound = spec.boundObjectRef;
      const secret = bound === undefined ? null : store.get(SECRETS, namespace, bound.name);
      if (bound !== undefined && secret === null) throw notFound(SECRETS, bound.name);
      const token = randomBytes(48).toString("base64url");
      const endsAt = now() + spec.expirationSeconds * 1000;
      const name = `system:serviceaccount:${namespace}:${account}`;
      const groups = [
        "system:serviceaccounts",
        `system:serviceaccounts:${namespace}`,
        "system:authenticated",
      ];
      issued.set(token, {
        ...{ user: { name, groups }, namespace, endsAt },
        secret: secret === null ? null : { name: secret.metadata.name, uid: secret.metadata.uid },
      });
      return {
        kind: "TokenRequest",
        apiVersion: "authentication.k8s.io/v1",
        metadata: { creationTimestamp: null, managedFields: [] },
        spec: JSON.parse(JSON.stringify({ ...spec, audiences: ["https://kubernetes.default.svc"] })),
        status: { token, expirationTimestamp: timeOf(endsAt) },
      };
    },
    expire: () => issued.clear(),
  };
}

/**
 * Administrators may do everything, everybody else what is bound to them: a role of the cluster everywhere, one of
 * a namespace there. Which verbs a role holds is left out. @throws Refusal 403
 */
export function assertAllowed(store: Store, user: User, method: string, target: Target): void {
  const { resource, name, subresource } = target;
  const namespace = target.namespace ?? (resource.plural === "namespaces" ? name : null);
  if (user.groups.includes(ADMINISTRATORS)) return;
  const bindings = [
    ...store.list(CLUSTER_BINDINGS, null),
    ...(namespace === null ? [] : store.list(BINDINGS, namespace)),
  ];
  if (bindings.some((binding) => binds(binding, user))) return;
  const verb = verbOf(method, name);
  const what = `${resource.plural}${subresource === null ? "" : `/${subresource}`}`;
  const group = resource.group === "" ? '""' : `"${resource.group}"`;
  const where = namespace === null ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const named = name === null ? `${what} is forbidden` : `${what} "${name}" is forbidden`;
  const why = `User "${user.name}" cannot ${verb} resource "${what}" in API group ${group} ${where}`;
  throw new Refusal(403, "Forbidden", `${named}: ${why}`, {
    ...(name === null ? {} : { name }),
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.plural,
  });
}

function binds(binding: Stored, user: User): boolean {
  return BindingView.parse(binding).subjects.some(({ kind, name, namespace: home }) => {
    if (kind === "Group") return user.groups.includes(name);
    return user.name === (kind === "User" ? name : `system:serviceaccount:${home}:${name}`);
  });
}

function verbOf(method: string, name: string | null): string {
  if (method === "GET") return name === null ? "list" : "get";
  if (method === "POST") return "create";
  return method === "PUT" ? "update" : method.toLowerCase();
}

function tooShort(seconds: number): Refusal {
  const [group, kind] = ["authentication.k8s.io", "TokenRequest"];
  const field = "spec.expirationSeconds";
  const message = `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`;
  const causes = [{ reason: "FieldValueInvalid", message, field }];
  const text = `${kind}.${group} "" is invalid: ${field}: ${message}`;
  return new Refusal(422, "Invalid", text, { group, kind, causes });
}
