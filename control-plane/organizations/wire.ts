import { z } from "@hono/zod-openapi";
import { pageQuery } from "../http/page.ts";
import { jurisdictionCode, line, slug, text } from "../kernel/input.ts";
import type { OrganizationRow, SystemRow } from "./rows.ts";

const level = z.enum(["province", "city", "county"]);

export const ListOrganizations = z.strictObject({
  ...pageQuery,
  parentId: slug.optional(),
  kind: slug.optional(),
  level: level.optional(),
  jurisdiction: jurisdictionCode.optional(),
  q: line(100).optional().describe("Part of the id or of a name"),
});
export type OrganizationFilters = Omit<z.infer<typeof ListOrganizations>, "limit" | "cursor">;

export const GetOrganization = z.strictObject({ id: slug });

export const Organization = z
  .object({
    id: z.string(),
    parentId: z.string().nullable(),
    path: z.string().describe("Ids from the root down, between slashes"),
    kind: z.string(),
    level,
    name: text,
    jurisdiction: z.string(),
    sector: z.string(),
    generation: z.int(),
  })
  .openapi("Organization");
export type Organization = z.infer<typeof Organization>;

export const ListSystems = z.strictObject({
  ...pageQuery,
  organizationId: slug.optional(),
  mlpsLevel: z.coerce.number().int().min(1).max(5).optional(),
});
export type SystemFilters = Omit<z.infer<typeof ListSystems>, "limit" | "cursor">;

/** Systems come from the province's files, with ids of their own, or from requests, with made ones. */
export const GetSystem = z.strictObject({ id: slug });

export const System = z
  .object({
    id: z.string(),
    organizationId: z.string(),
    name: text,
    mlpsLevel: z.int(),
    dataClass: z.enum(["general", "important", "core", "secret"]),
    filingNo: z.string().nullable(),
    createdAt: z.iso.datetime(),
    generation: z.int(),
  })
  .openapi("System");
export type System = z.infer<typeof System>;

export function organizationOf(row: OrganizationRow): Organization {
  const { id, parentId, path, kind, level, nameZh, nameEn, jurisdictionCode, sector, generation } = row;
  const name = { zh: nameZh, en: nameEn };
  return { id, parentId, path, kind, level, name, jurisdiction: jurisdictionCode, sector, generation };
}

export function systemOf(row: SystemRow): System {
  const { id, organizationId, mlpsLevel, dataClass, filingNo, generation } = row;
  // A system that a request brought in has the one name that the department gave it.
  const name = { zh: row.name, en: row.nameEn === "" ? row.name : row.nameEn };
  const createdAt = row.createdAt.toISOString();
  return { id, organizationId, name, mlpsLevel, dataClass, filingNo, createdAt, generation };
}
