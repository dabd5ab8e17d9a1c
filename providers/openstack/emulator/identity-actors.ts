import { Hono } from "hono";
import { z } from "zod";
import { adminOf, bodyOf, type Ctx, callerOf, type Env, newId, roleWire } from "./context.ts";
import { DOMAIN, ROLES } from "./declare.ts";
import { projectOf } from "./identity-projects.ts";
import { addressOf } from "./places.ts";
import type { GroupRecord, UserRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";

/** Users, groups, their roles in projects, and users' application credentials. */
export function actorRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const at = "/identity/v3";
  const links = (c: Ctx) => ({ next: null, self: `${addressOf(c.get("base"), "identity")}`, previous: null });
  const byName = <One extends { name: string }>(c: Ctx, all: One[]) =>
    all.filter(({ name }) => c.req.query("name") === undefined || name === c.req.query("name"));

  app.get(`${at}/roles`, (c) => {
    adminOf(c, "identity:list_roles");
    const roles = byName(c, [...ROLES]).map(({ id, name }) => roleFull(c, id, name));
    return c.json({ roles, links: links(c) });
  });

  app.get(`${at}/groups`, (c) => {
    adminOf(c, "identity:list_groups");
    return c.json({
      groups: byName(c, c.get("state").all("groups")).map((one) => groupWire(c, one)),
      links: links(c),
    });
  });
  app.post(`${at}/groups`, async (c) => {
    adminOf(c, "identity:create_group");
    const Given = z.object({
      group: z.object({ name: z.string().min(1), description: z.string().default("") }),
    });
    const { group: given } = await bodyOf(c, Given);
    const state = c.get("state");
    if (state.all("groups").some(({ name }) => name === given.name)) throw duplicate("group", given.name);
    const group = { id: newId(), name: given.name, description: given.description };
    state.put("groups", group.id, group);
    return c.json({ group: groupWire(c, group) }, 201);
  });
  app.delete(`${at}/groups/:group`, (c) => {
    adminOf(c, "identity:delete_group");
    const id = c.req.param("group");
    if (c.get("state").get("groups", id) === undefined) throw notFound("", `Could not find group: ${id}.`);
    dropActor(c, "groups", id);
    return c.body(null, 204);
  });

  app.get(`${at}/users`, (c) => {
    adminOf(c, "identity:list_users");
    return c.json({
      users: byName(c, c.get("state").all("users")).map((one) => userWire(c, one)),
      links: links(c),
    });
  });
  app.post(`${at}/users`, async (c) => {
    adminOf(c, "identity:create_user");
    const Given = z.object({
      user: z.object({
        name: z.string().min(1),
        password: z.string(),
        default_project_id: z.string().optional(),
      }),
    });
    const { user: given } = await bodyOf(c, Given);
    const state = c.get("state");
    if (state.all("users").some(({ name }) => name === given.name)) throw duplicate("user", given.name);
    const { name, password } = given;
    const user = {
      id: newId(),
      name,
      password,
      enabled: true,
      defaultProjectId: given.default_project_id ?? null,
    };
    state.put("users", user.id, user);
    return c.json({ user: userWire(c, user) }, 201);
  });
  app.patch(`${at}/users/:user`, async (c) => {
    adminOf(c, "identity:update_user");
    const Given = z.object({
      user: z.object({ password: z.string().optional(), enabled: z.boolean().optional() }),
    });
    const { user: change } = await bodyOf(c, Given);
    const before = userOf(c);
    const { password = before.password, enabled = before.enabled } = change;
    const user = { ...before, password, enabled };
    c.get("state").put("users", user.id, user);
    return c.json({ user: userWire(c, user) });
  });
  app.delete(`${at}/users/:user`, (c) => {
    adminOf(c, "identity:delete_user");
    const { id } = userOf(c);
    const state = c.get("state");
    for (const one of state.all("credentials").filter(({ userId }) => userId === id))
      state.drop("credentials", one.id);
    dropActor(c, "users", id);
    return c.body(null, 204);
  });

  app.on(["PUT", "DELETE"], `${at}/projects/:id/:actors{users|groups}/:actor/roles/:role`, (c) => {
    adminOf(c, c.req.method === "PUT" ? "identity:create_grant" : "identity:revoke_grant");
    const project = projectOf(c);
    const actor = c.req.param("actors") === "groups" ? "groups" : "users";
    const { actor: actorId, role: roleId } = c.req.param();
    const state = c.get("state");
    const noun = actor.slice(0, -1);
    if (state.get(actor, actorId) === undefined) throw notFound("", `Could not find ${noun}: ${actorId}.`);
    if (!ROLES.some(({ id }) => id === roleId)) throw notFound("", `Could not find role: ${roleId}.`);
    const key = `${project.id}/${actor}/${actorId}/${roleId}`;
    if (c.req.method === "PUT") state.put("grants", key, { projectId: project.id, actor, actorId, roleId });
    else if (state.get("grants", key) === undefined) throw notFound("", "Could not find role assignment.");
    else state.drop("grants", key);
    return c.body(null, 204);
  });

  app.get(`${at}/role_assignments`, (c) => {
    adminOf(c, "identity:list_role_assignments");
    const state = c.get("state");
    const projectId = c.req.query("scope.project.id");
    const found = state
      .all("grants")
      .filter((grant) => projectId === undefined || grant.projectId === projectId);
    const role_assignments = found.map((grant) => ({
      scope: {
        project: { id: grant.projectId, name: state.get("projects", grant.projectId)?.name, domain: DOMAIN },
      },
      role: roleWire(grant.roleId),
      [grant.actor.slice(0, -1)]: {
        id: grant.actorId,
        name: state.get(grant.actor, grant.actorId)?.name ?? "",
        domain: DOMAIN,
      },
      links: { assignment: `${addressOf(c.get("base"), "identity")}/projects/${grant.projectId}` },
    }));
    return c.json({ role_assignments, links: links(c) });
  });

  const credentials = `${at}/users/:user/application_credentials` as const;
  app.get(credentials, (c) => {
    const { userId } = ownCaller(c);
    const own = c
      .get("state")
      .all("credentials")
      .filter((one) => one.userId === userId);
    const shown = own.map((one) => credentialWire(c, one));
    return c.json({ application_credentials: shown, links: links(c) });
  });
  app.post(credentials, async (c) => {
    const { userId, projectId } = ownCaller(c);
    const Given = z.object({
      application_credential: z.object({
        name: z.string().min(1),
        description: z.string().nullable().default(null),
        expires_at: z.string().nullable().default(null),
      }),
    });
    const { application_credential: given } = await bodyOf(c, Given);
    const state = c.get("state");
    const same = state.all("credentials").some((one) => one.userId === userId && one.name === given.name);
    if (same) throw duplicate("application_credential", given.name);
    const { name, description, expires_at: expiresAt } = given;
    const made = { id: newId(), name, description, secret: newId() + newId(), userId, projectId, expiresAt };
    state.put("credentials", made.id, made);
    return c.json({ application_credential: { ...credentialWire(c, made), secret: made.secret } }, 201);
  });
  app.delete(`${credentials}/:credential`, (c) => {
    const { userId } = ownCaller(c);
    const id = c.req.param("credential");
    const state = c.get("state");
    if (state.get("credentials", id)?.userId !== userId) {
      throw notFound("", `Could not find Application Credential: ${id}.`);
    }
    state.drop("credentials", id);
    return c.body(null, 204);
  });
  return app;
}

function ownCaller(c: Ctx) {
  const caller = callerOf(c);
  if (caller.userId === c.req.param("user")) return caller;
  const action = "identity:create_application_credential";
  throw new Refusal(403, "", `You are not authorized to perform the requested action: ${action}.`);
}

function userOf(c: Ctx): UserRecord {
  const id = c.req.param("user") ?? "";
  const user = c.get("state").get("users", id);
  if (user === undefined) throw notFound("", `Could not find user: ${id}.`);
  return user;
}

function dropActor(c: Ctx, actor: "users" | "groups", id: string): void {
  const state = c.get("state");
  for (const grant of state.all("grants").filter(({ actorId }) => actorId === id)) {
    state.drop("grants", `${grant.projectId}/${actor}/${id}/${grant.roleId}`);
  }
  for (const [value, token] of state.entries("tokens")) if (token.userId === id) state.drop("tokens", value);
  state.drop(actor, id);
}

function duplicate(noun: string, name: string): Refusal {
  return new Refusal(
    409,
    "",
    `Conflict occurred attempting to store ${noun} - Duplicate entry found with name ${name} at domain ID ${DOMAIN.id}.`,
  );
}

function roleFull(c: Ctx, id: string, name: string) {
  const self = `${addressOf(c.get("base"), "identity")}/roles/${id}`;
  return { id, name, domain_id: null, description: null, options: { immutable: true }, links: { self } };
}

function groupWire(c: Ctx, group: GroupRecord) {
  return {
    ...group,
    domain_id: DOMAIN.id,
    links: { self: `${addressOf(c.get("base"), "identity")}/groups/${group.id}` },
  };
}

function userWire(c: Ctx, { id, name, enabled, defaultProjectId }: UserRecord) {
  return {
    id,
    name,
    domain_id: DOMAIN.id,
    enabled,
    ...(defaultProjectId === null ? {} : { default_project_id: defaultProjectId }),
    password_expires_at: null,
    options: {},
    links: { self: `${addressOf(c.get("base"), "identity")}/users/${id}` },
  };
}

function credentialWire(
  c: Ctx,
  credential: {
    id: string;
    name: string;
    description: string | null;
    userId: string;
    projectId: string;
    expiresAt: string | null;
  },
) {
  const roles = c
    .get("state")
    .all("grants")
    .filter(({ projectId, actorId }) => projectId === credential.projectId && actorId === credential.userId)
    .map(({ roleId }) => {
      const { links: _links, ...role } = roleFull(c, roleId, roleWire(roleId).name);
      return role;
    });
  return {
    id: credential.id,
    name: credential.name,
    description: credential.description,
    user_id: credential.userId,
    project_id: credential.projectId,
    system: null,
    expires_at: credential.expiresAt,
    unrestricted: null,
    roles,
    links: { self: `${addressOf(c.get("base"), "identity")}/application_credentials/${credential.id}` },
  };
}
