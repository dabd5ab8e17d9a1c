import { expect, test } from "vitest";
import {
  markOf,
  markOfServer,
  othersTags,
  type ProjectMark,
  sameOwner,
  serverMetadata,
  tagsOf,
} from "./marks.ts";

const OWNER = {
  installation: "gd/省级, 一",
  tenancyId: "ten_1",
  placementId: "plc_1",
  organizationId: "org=1",
};

const MARK: ProjectMark = {
  ownership: OWNER,
  pool: "ext/kunpeng",
  zone: "extranet",
  group: "gd-hrss",
  remembered: { BLOCK_STORAGE_GIB: 500, GPU: 2 },
  removing: false,
};

test("tags tell again what was written, with no sign that Keystone refuses", () => {
  const tags = tagsOf(MARK);
  expect(markOf(tags)).toEqual(MARK);
  for (const tag of tags) expect(tag).not.toMatch(/[,/]/);
});

test("a removal that has begun is remembered", () => {
  expect(markOf(tagsOf({ ...MARK, removing: true })).removing).toBe(true);
});

test("half a mark is none, and what others wrote is theirs", () => {
  const foreign = [
    "finance",
    "yunheng:installation=gd",
    "yunheng:quota.GPU=many",
    "yunheng:zone=moon",
    "yunheng:pool=%E0%A4%A",
  ];
  expect(markOf(foreign)).toMatchObject({ ownership: null, zone: null, remembered: {}, pool: "" });
  expect(othersTags(foreign)).toEqual(["finance"]);
});

test("servers bear the same owner as metadata", () => {
  expect(markOfServer({ ...serverMetadata(OWNER), other: "x" })).toEqual(OWNER);
  expect(markOfServer({ "yunheng:installation": "gd" })).toBeNull();
});

test("an owner is the placement of an installation, whoever the department is", () => {
  expect(sameOwner(OWNER, { ...OWNER, organizationId: "other" })).toBe(true);
  expect(sameOwner(OWNER, { ...OWNER, placementId: "plc_2" })).toBe(false);
  expect(sameOwner(OWNER, { ...OWNER, installation: "hb" })).toBe(false);
  expect(sameOwner(null, OWNER)).toBe(false);
});
