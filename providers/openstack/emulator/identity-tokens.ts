import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { bodyOf, type Ctx, callerOf, type Env, micros, newId, roleWire } from "./context.ts";
import { DOMAIN, uuidOf } from "./declare.ts";
import { addressOf, SERVICES } from "./places.ts";
import type { UserRecord } from "./records.ts";
import { Refusal, UNAUTHORIZED } from "./refusal.ts";
import type { CloudState } from "./store.ts";

const Named = z.object({ id: z.string().optional(), name: z.string().optional() });

const SignIn = z.object({
  auth: z.object({
    identity: z.object({
      methods: z.array(z.string()),
      password: z.object({ user: Named.extend({ password: z.string() }) }).optional(),
      application_credential: z.object({ id: z.string(), secret: z.string() }).optional(),
    }),
    scope: z.object({ project: Named }).optional(),
  }),
});

const LIFETIME_MS = 4 * 3600 * 1000;
const NAMES = {
  identity: "keystone",
  compute: "nova",
  network: "neutron",
  image: "glance",
  placement: "placement",
  volume: "cinder",
};

export function tokenRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const version = (c: Ctx) => ({
    id: "v3.14",
    status: "stable",
    updated: "2020-04-07T00:00:00Z",
    links: [{ rel: "self", href: `${addressOf(c.get("base"), "identity")}/` }],
    "media-types": [{ base: "application/json", type: "application/vnd.openstack.identity-v3+json" }],
  });
  app.get("/identity/", (c) =>
    c.json({ versions: { values: [version(c)] } }, 300, {
      location: `${addressOf(c.get("base"), "identity")}/`,
    }),
  );
  app.get("/identity/v3/", (c) => c.json({ version: version(c) }));
  app.get("/identity/v3", (c) => c.json({ version: version(c) }));

  app.post("/identity/v3/auth/tokens", async (c) => {
    const { auth } = await bodyOf(c, SignIn);
    const state = c.get("state");
    const { user, projectId, method } = signedIn(state, auth);
    const project = state.get("projects", projectId);
    const roles = rolesOf(state, user.id, projectId);
    if (project?.enabled !== true || roles.length === 0) throw denied();
    const issuedAt = state.now();
    const value = `gAAAAAB${randomBytes(24).toString("base64url")}`;
    const expiresAt = issuedAt + LIFETIME_MS;
    state.put("tokens", value, { userId: user.id, projectId, issuedAt, expiresAt });
    const token = {
      methods: [method],
      user: { domain: DOMAIN, id: user.id, name: user.name, password_expires_at: null },
      audit_ids: [newId().slice(0, 22)],
      expires_at: micros(expiresAt),
      issued_at: micros(issuedAt),
      project: { domain: DOMAIN, id: project.id, name: project.name },
      is_domain: false,
      roles: roles.map(roleWire),
      catalog: catalogOf(c, projectId),
    };
    return c.json({ token }, 201, { "x-subject-token": value, vary: "X-Auth-Token" });
  });

  app.delete("/identity/v3/auth/tokens", (c) => {
    callerOf(c);
    c.get("state").drop("tokens", c.req.header("x-subject-token") ?? "");
    return c.body(null, 204);
  });
  return app;
}

/** One answer for every reason, so that nobody learns which users there are. */
function denied(): Refusal {
  return new Refusal(401, "", UNAUTHORIZED);
}

function signedIn(state: CloudState, auth: z.output<typeof SignIn>["auth"]) {
  const credential = auth.identity.application_credential;
  if (credential !== undefined) {
    const found = state.get("credentials", credential.id);
    const user = found && state.get("users", found.userId);
    const over = found?.expiresAt != null && Date.parse(`${found.expiresAt}Z`) <= state.now();
    if (found?.secret !== credential.secret || user?.enabled !== true || over) throw denied();
    return { user, projectId: found.projectId, method: "application_credential" };
  }
  const given = auth.identity.password?.user;
  const user = state.all("users").find((one) => one.id === given?.id || one.name === given?.name);
  if (given === undefined || user?.password !== given.password || !user.enabled) throw denied();
  return { user, projectId: projectIn(state, auth.scope?.project, user), method: "password" };
}

function projectIn(state: CloudState, scope: z.output<typeof Named> | undefined, user: UserRecord): string {
  if (scope === undefined) return user.defaultProjectId ?? "";
  const project = state.all("projects").find((one) => one.id === scope.id || one.name === scope.name);
  if (project === undefined) throw denied();
  return project.id;
}

function rolesOf(state: CloudState, userId: string, projectId: string): string[] {
  return state
    .all("grants")
    .filter((grant) => grant.projectId === projectId && grant.actorId === userId)
    .map(({ roleId }) => roleId);
}

/** Cinder's address has the project in it. */
function catalogOf(c: Ctx, projectId: string) {
  const { volumes } = c.get("state").features;
  const services = SERVICES.filter((service) => service !== "volume" || volumes);
  return services.map((service) => ({
    endpoints: ["admin", "internal", "public"].map((side) => ({
      id: uuidOf(service, side).replaceAll("-", ""),
      interface: side,
      region_id: "RegionOne",
      url: addressOf(c.get("base"), service) + (service === "volume" ? `/${projectId}` : ""),
      region: "RegionOne",
    })),
    id: uuidOf(service).replaceAll("-", ""),
    type: service === "volume" ? "block-storage" : service,
    name: NAMES[service],
  }));
}
