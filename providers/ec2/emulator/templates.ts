import { filtered } from "./filters.ts";
import { pageOf } from "./pages.ts";
import type { Params } from "./params.ts";
import type { TemplateRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { ACCOUNT, newId, type Scene, visible } from "./scene.ts";
import { givenTags, tagSet } from "./tags.ts";
import type { Xml, XmlFields } from "./xml.ts";

/** Launch templates as far as their names and tags: nothing is launched from one here. */
export function createTemplate(scene: Scene, params: Params): XmlFields {
  const name = params.required("LaunchTemplateName");
  if ([...scene.tables.template.values()].some((template) => template.name === name)) {
    throw new Refusal(
      "InvalidLaunchTemplateName.AlreadyExistsException",
      "Launch template name already in use.",
    );
  }
  const id = newId("lt");
  const template = { id, createdAt: scene.now, name, tags: givenTags(params, "launch-template") };
  scene.put("template", id, template);
  return { launchTemplate: templateView(template) };
}

export function describeTemplates(scene: Scene, params: Params): XmlFields {
  const names = params.texts("LaunchTemplateName");
  const all = visible(scene, scene.tables.template);
  if (names.some((name) => !all.some((template) => template.name === name))) {
    throw new Refusal(
      "InvalidLaunchTemplateName.NotFoundException",
      "At least one of the launch templates specified in the request does not exist.",
    );
  }
  const named = all.filter((template) => names.length === 0 || names.includes(template.name));
  const found = filtered(named, params, (template, filter) =>
    filter === "launch-template-name" ? [template.name] : undefined,
  );
  const page = pageOf(found, params);
  return { launchTemplates: page.rows.map(templateView), nextToken: page.nextToken };
}

export function deleteTemplate(scene: Scene, params: Params): XmlFields {
  const id = params.required("LaunchTemplateId");
  const template = scene.tables.template.get(id);
  if (template === undefined) {
    throw new Refusal(
      "InvalidLaunchTemplateId.NotFound",
      `The specified launch template, with template ID ${id}, does not exist.`,
    );
  }
  scene.put("template", id, null);
  return {
    launchTemplate: { launchTemplateId: id, launchTemplateName: template.name, defaultVersionNumber: 1 },
  };
}

function templateView(template: TemplateRecord): Xml {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    createTime: new Date(template.createdAt).toISOString(),
    createdBy: `arn:aws:iam::${ACCOUNT}:root`,
    defaultVersionNumber: 1,
    latestVersionNumber: 1,
    tagSet: tagSet(template.tags),
  };
}
