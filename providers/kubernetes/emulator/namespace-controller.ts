import { randomBytes } from "node:crypto";
import type { Control } from "./controllers.ts";
import { NAMESPACES, RESOURCES, SECRETS, SERVICE_ACCOUNTS } from "./resources.ts";

const HOW = { manager: "kube-controller-manager" };

/** Every namespace gets the account under which its pods run. */
export function provideAccount({ store, api }: Control, namespace: string): void {
  const home = store.get(NAMESPACES, null, namespace);
  if (home === null || home.metadata.deletionTimestamp !== undefined) return;
  if (store.get(SERVICE_ACCOUNTS, namespace, "default") !== null) return;
  const secret = `default-token-${randomBytes(3).toString("hex").slice(1)}`;
  api.create(
    SERVICE_ACCOUNTS,
    namespace,
    { metadata: { name: "default" }, secrets: [{ name: secret }] },
    HOW,
  );
  const annotations = { "kubernetes.io/service-account.name": "default" };
  const body = { metadata: { name: secret, annotations }, type: "kubernetes.io/service-account-token" };
  api.create(SECRETS, namespace, body, HOW);
}

/** Takes everything out of a namespace that is leaving, then the namespace. @returns false while something is left */
export function finishNamespace({ store, api }: Control, name: string): boolean {
  const home = store.get(NAMESPACES, null, name);
  if (home?.metadata.deletionTimestamp === undefined) return true;
  const inside = RESOURCES.filter(({ namespaced }) => namespaced).flatMap((resource) =>
    store.list(resource, name).map((object) => ({ resource, object })),
  );
  for (const { resource, object } of inside) {
    if (object.metadata.deletionTimestamp === undefined) api.remove(resource, name, object.metadata.name, {});
  }
  if (inside.length > 0) return false;
  store.remove(NAMESPACES, home);
  return true;
}
