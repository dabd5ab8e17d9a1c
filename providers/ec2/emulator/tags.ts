import type { Params } from "./params.ts";
import type { RecordOf, Table } from "./records.ts";
import { missing, Refusal } from "./refusal.ts";
import type { Scene } from "./scene.ts";
import type { Xml, XmlFields } from "./xml.ts";

type Tags = Readonly<Record<string, string>>;

const TAGS_MAX = 50;

export function tagSet(tags: Tags): Xml {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** What a creation gives its object, of the specifications for its kind. */
export function givenTags(params: Params, resourceType: string): Record<string, string> {
  const specification = params
    .parts("TagSpecification")
    .filter((part) => part.required("ResourceType") === resourceType);
  return checked(Object.fromEntries(specification.flatMap((part) => part.parts("Tag").map(tagIn))));
}

export function createTags(scene: Scene, params: Params): XmlFields {
  const given = Object.fromEntries(params.parts("Tag").map(tagIn));
  for (const id of params.texts("ResourceId")) change(scene, id, (tags) => ({ ...tags, ...given }));
  return { return: true };
}

/** A tag with a value goes only where it has that value; without tags at all, every tag goes. */
export function deleteTags(scene: Scene, params: Params): XmlFields {
  const parts = params.parts("Tag");
  const goes = (key: string, value: string) =>
    parts.length === 0 ||
    parts.some((part) => part.text("Key") === key && (part.text("Value") ?? value) === value);
  for (const id of params.texts("ResourceId")) {
    change(scene, id, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key, value]) => !goes(key, value))),
    );
  }
  return { return: true };
}

function tagIn(part: Params): [string, string] {
  return [part.required("Key"), part.text("Value") ?? ""];
}

function checked(tags: Record<string, string>): Record<string, string> {
  for (const [key, value] of Object.entries(tags)) {
    if (key.startsWith("aws:") || [...key].length > 127 || [...value].length > 255) {
      throw new Refusal("InvalidParameterValue", `Tag ${key} is not valid`);
    }
  }
  if (Object.keys(tags).length <= TAGS_MAX) return tags;
  throw new Refusal("TagLimitExceeded", `A resource may have at most ${TAGS_MAX} tags`);
}

type Tagged = { readonly id: string; readonly tags: Tags };

function change(scene: Scene, id: string, by: (tags: Tags) => Record<string, string>): void {
  const retag = <Row extends Tagged>(row: Row): Row => ({ ...row, tags: checked(by(row.tags)) });
  const { vpc, subnet, group, template, instance, volume } = scene.tables;
  const inTable = <Name extends Table>(name: Name, row: RecordOf<Name> | undefined) => {
    if (row !== undefined) scene.put(name, id, row);
    return row !== undefined;
  };
  const again = <Row extends Tagged>(row: Row | undefined) => (row === undefined ? undefined : retag(row));
  const done =
    inTable("vpc", again(vpc.get(id))) ||
    inTable("subnet", again(subnet.get(id))) ||
    inTable("group", again(group.get(id))) ||
    inTable("template", again(template.get(id))) ||
    inTable("instance", again(instance.get(id))) ||
    inTable("volume", again(volume.get(id)));
  if (!done) throw missing(NOUNS[id.split("-")[0] ?? ""] ?? "ID", id);
}

const NOUNS: Readonly<Record<string, string>> = {
  vpc: "VpcID",
  subnet: "SubnetID",
  sg: "Group",
  lt: "LaunchTemplateId",
  i: "InstanceID",
  vol: "Volume",
};
