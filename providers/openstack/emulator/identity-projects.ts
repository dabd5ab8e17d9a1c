import { Hono } from "hono";
import { z } from "zod";
import { adminOf, bodyOf, type Ctx, type Env, newId } from "./context.ts";
import { DOMAIN } from "./declare.ts";
import { addressOf } from "./places.ts";
import type { ProjectRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";

const Change = z.object({
  name: z.string().min(1).max(64).optional(),
  description: z.string().optional(),
  enabled: z.boolean().optional(),
  tags: z
    .array(
      z
        .string()
        .max(255)
        .regex(/^[^,/]*$/),
    )
    .max(80)
    .optional(),
});

export function projectRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const path = "/identity/v3/projects";

  app.get(path, (c) => {
    adminOf(c, "identity:list_projects");
    const { name, tags } = c.req.query();
    const found = visible(c).filter(
      (project) =>
        (name === undefined || project.name === name) &&
        (tags === undefined || tags.split(",").every((tag) => project.tags.includes(tag))),
    );
    const query = new URL(c.req.url).search;
    const links = {
      next: null,
      self: `${addressOf(c.get("base"), "identity")}/projects${query}`,
      previous: null,
    };
    if (!c.get("treatment").partial) return c.json({ projects: found.map((one) => wire(c, one)), links });
    const half = found.filter((_, index) => index % 2 === 0);
    return c.json({ projects: half.map((one) => wire(c, one)), links, truncated: true });
  });

  app.post(path, async (c) => {
    adminOf(c, "identity:create_project");
    const { project: given } = await bodyOf(
      c,
      z.object({ project: Change.extend({ name: z.string().min(1) }) }),
    );
    const state = c.get("state");
    if (state.all("projects").some(({ name }) => name === given.name)) {
      throw new Refusal(
        409,
        "",
        "Conflict occurred attempting to store project - it is not permitted to have two projects with either " +
          `the same name or same id in the same domain: name is ${given.name}, project id ${newId()}.`,
      );
    }
    const project: ProjectRecord = {
      id: newId(),
      name: given.name,
      description: given.description ?? "",
      enabled: given.enabled ?? true,
      tags: [...new Set(given.tags ?? [])],
      createdAt: state.now(),
    };
    state.put("projects", project.id, project);
    return c.json({ project: wire(c, project) }, 201);
  });

  app.get(`${path}/:id`, (c) => {
    adminOf(c, "identity:get_project");
    return c.json({ project: wire(c, projectOf(c)) });
  });

  app.patch(`${path}/:id`, async (c) => {
    adminOf(c, "identity:update_project");
    const { project: change } = await bodyOf(c, z.object({ project: Change }));
    const before = projectOf(c);
    const project: ProjectRecord = {
      ...before,
      name: change.name ?? before.name,
      description: change.description ?? before.description,
      enabled: change.enabled ?? before.enabled,
      tags: [...new Set(change.tags ?? before.tags)],
    };
    const state = c.get("state");
    state.put("projects", project.id, project);
    if (!project.enabled) dropTokens(c, project.id);
    return c.json({ project: wire(c, project) });
  });

  /** Only the project: what Nova and Neutron have in it stays to nobody, as in the real cloud. */
  app.delete(`${path}/:id`, (c) => {
    adminOf(c, "identity:delete_project");
    const { id } = projectOf(c);
    const state = c.get("state");
    for (const grant of state.all("grants").filter(({ projectId }) => projectId === id)) {
      state.drop("grants", `${id}/${grant.actor}/${grant.actorId}/${grant.roleId}`);
    }
    dropTokens(c, id);
    state.drop("projects", id);
    return c.body(null, 204);
  });
  return app;
}

export function projectOf(c: Ctx): ProjectRecord {
  const id = c.req.param("id") ?? "";
  const project = c.get("state").get("projects", id);
  if (project === undefined) throw notFound("", `Could not find project: ${id}.`);
  return project;
}

function dropTokens(c: Ctx, projectId: string): void {
  const state = c.get("state");
  // Tokens have no id of their own: their value is the key.
  for (const [value, token] of state.entries("tokens")) {
    if (token.projectId === projectId) state.drop("tokens", value);
  }
}

/** Lagging lists miss the newest. */
function visible(c: Ctx): ProjectRecord[] {
  const state = c.get("state");
  const asOf = state.now() - c.get("treatment").lagMs;
  const all = state.all("projects");
  return c.get("treatment").lagMs === 0 ? all : all.filter(({ createdAt }) => createdAt <= asOf);
}

function wire(c: Ctx, { createdAt: _, ...project }: ProjectRecord) {
  return {
    ...project,
    domain_id: DOMAIN.id,
    parent_id: DOMAIN.id,
    is_domain: false,
    options: {},
    links: { self: `${addressOf(c.get("base"), "identity")}/projects/${project.id}` },
  };
}
