import { createHash } from "node:crypto";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, TenancyAccess } from "../port.ts";
import type { Cluster } from "./cluster.ts";
import { ownerOf } from "./marks.ts";
import { existing, promised } from "./session.ts";
import { readNamespace } from "./tenancies.ts";
import { TENANCY } from "./tenancy-objects.ts";

/**
 * A token of the tenancy's service account. It is bound to a secret that bears the client token's name: with
 * that secret goes every token that was issued for it before.
 */
export async function issueAccess(
  cluster: Cluster,
  tenancy: string,
  lifetimeSeconds: number,
  clientToken: string,
  options: CallOptions | undefined,
): Promise<TenancyAccess> {
  const { core, call } = cluster.session;
  const found = await readNamespace(cluster, tenancy, options);
  if (ownerOf(found.metadata?.labels) === null) {
    throw new ProviderFault("Conflict", `${tenancy} was not made by a control plane`, {
      vendorCode: "foreign_owner",
    });
  }
  const secret = { namespace: tenancy, name: secretName(clientToken) };
  await existing(call(options, (config) => core.deleteNamespacedSecret(secret, config)));
  const { name } = secret;
  await call(options, (config) =>
    core.createNamespacedSecret({ namespace: tenancy, body: { metadata: { name } } }, config),
  );
  const boundObjectRef = { apiVersion: "v1", kind: "Secret", name };
  const body = { spec: { audiences: [], expirationSeconds: lifetimeSeconds, boundObjectRef } };
  const { status } = await call(options, (config) =>
    core.createNamespacedServiceAccountToken({ namespace: tenancy, name: TENANCY, body }, config),
  );
  const { server, caCertificate } = cluster.connection;
  return {
    variables: {
      KUBE_SERVER: server,
      KUBE_NAMESPACE: tenancy,
      KUBE_TOKEN: promised(status?.token, "status.token"),
      ...(caCertificate === undefined ? {} : { KUBE_CA: caCertificate }),
    },
    expiresAt: promised(status?.expirationTimestamp, "status.expirationTimestamp").toISOString(),
  };
}

function secretName(clientToken: string): string {
  return `access-${createHash("sha256").update(clientToken).digest("hex").slice(0, 20)}`;
}
