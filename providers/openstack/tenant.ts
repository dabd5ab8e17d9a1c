import { createHmac } from "node:crypto";
import { z } from "zod";
import { ProviderFault } from "../faults.ts";
import type { TenancyAccess } from "../port.ts";
import { findByName, roleId } from "./access.ts";
import { versioned } from "./catalog.ts";
import { type Client, NOTHING } from "./client.ts";
import type { OpenstackConnection } from "./connection.ts";
import { ignoringNotFound, unless } from "./gone.ts";
import { listAll } from "./pages.ts";
import type { SignIn } from "./session.ts";
import { WireNamed, type WireProject } from "./wire.ts";

/**
 * Nova makes servers in its caller's own project, and an application credential belongs to a user. So each
 * tenancy has one, whose password follows from our credential: two controllers know it without talking.
 */

export function tenantUserName(project: Pick<WireProject, "name">): string {
  return `yunheng-${project.name}`;
}

function passwordOf(connection: OpenstackConnection, project: WireProject): string {
  const { credential } = connection;
  const key = credential.kind === "password" ? credential.password : credential.secret;
  const made = createHmac("sha256", key).update(`tenancy user of ${project.id}`).digest("base64url");
  // Clouds ask for a letter of each kind, a digit and a sign.
  return `Yh1-${made}`;
}

export function tenantSignIn(connection: OpenstackConnection, project: WireProject): SignIn {
  const user = {
    name: tenantUserName(project),
    domain: { id: connection.domainId },
    password: passwordOf(connection, project),
  };
  return {
    identity: { methods: ["password"], password: { user } },
    scope: { project: { id: project.id } },
  };
}

/** The user with its role and password; also after our credential was changed. */
export async function ensureTenantUser(
  client: Client,
  connection: OpenstackConnection,
  project: WireProject,
): Promise<void> {
  const { domainId } = connection;
  const name = tenantUserName(project);
  const password = passwordOf(connection, project);
  const identity = { service: "identity" } as const;
  const body = { user: { name, password, domain_id: domainId, default_project_id: project.id } };
  const created = await unless(
    ["Conflict"],
    client.call({ ...identity, method: "POST", path: ["users"], body }, z.object({ user: WireNamed })),
  );
  const user = created?.user ?? (await findByName(client, "users", domainId, name));
  if (user === null) throw new ProviderFault("Unavailable", `the user ${name} comes and goes`);
  if (created === null) {
    const change = { user: { password, enabled: true } };
    await client.call({ ...identity, method: "PATCH", path: ["users", user.id], body: change }, NOTHING);
  }
  const role = await roleId(client, connection.memberRole);
  const path = ["projects", project.id, "users", user.id, "roles", role];
  await client.call({ ...identity, method: "PUT", path }, NOTHING);
}

const WireCredential = z.object({
  application_credential: z.object({ id: z.string(), secret: z.string() }),
});

/** One credential per name: the secret of an earlier one cannot be asked for again, so that one goes. */
export async function issueCredential(
  tenant: Client,
  connection: OpenstackConnection,
  name: string,
  lifetimeSeconds: number,
): Promise<TenancyAccess> {
  const { userId, skewMs } = await tenant.token();
  const path = ["users", userId, "application_credentials"];
  const own = { service: "identity", path } as const;
  for (const { id, name: given } of await listAll(tenant, own, "application_credentials", WireNamed)) {
    if (given !== name) continue;
    await ignoringNotFound(tenant.call({ ...own, method: "DELETE", path: [...path, id] }, NOTHING));
  }
  const expiresMs = Date.now() + lifetimeSeconds * 1000;
  // On the cloud's clock, which decides when it ends.
  const expires_at = new Date(expiresMs + skewMs).toISOString().replace("Z", "");
  const body = { application_credential: { name, expires_at } };
  const { application_credential: made } = await tenant.call(
    { ...own, method: "POST", body },
    WireCredential,
  );
  return {
    variables: {
      OS_AUTH_TYPE: "v3applicationcredential",
      OS_AUTH_URL: versioned(connection.authUrl, "identity"),
      OS_APPLICATION_CREDENTIAL_ID: made.id,
      OS_APPLICATION_CREDENTIAL_SECRET: made.secret,
      OS_INTERFACE: connection.interface,
      ...(connection.region === undefined ? {} : { OS_REGION_NAME: connection.region }),
    },
    expiresAt: new Date(expiresMs).toISOString(),
  };
}
