import { type Json, partOf, type Stored } from "./objects.ts";
import { badRequest } from "./status.ts";

export type Selects = (object: Stored) => boolean;

/** `a=b,c!=d,e,!f,g in (h,i)`; empty selects everything. @throws Refusal 400 */
export function labelSelector(text: string): Selects {
  const terms = text === "" ? [] : text.split(/,(?![^(]*\))/).map(labelTerm);
  return ({ metadata }) => terms.every((term) => term(metadata.labels ?? {}));
}

function labelTerm(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = /^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(text);
  if (set !== null) {
    const [, key = "", how, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return (labels) => values.includes(labels[key] ?? "") === (how === "in");
  }
  const equality = /^\s*([^=!\s]+)\s*(==|=|!=)\s*([^=\s]*)\s*$/.exec(text);
  if (equality !== null) {
    const [, key = "", how, value] = equality;
    return (labels) => (labels[key] === value) === (how !== "!=");
  }
  const presence = /^\s*(!?)([^=!\s]+)\s*$/.exec(text);
  if (presence === null) throw badRequest(`unable to parse requirement: ${text}`);
  const [, absent, key = ""] = presence;
  return (labels) => key in labels === (absent === "");
}

const FIELDS = ["metadata.name", "metadata.namespace", "status.phase", "spec.nodeName"];

/** @throws Refusal 400 for a field that is not indexed */
export function fieldSelector(text: string): Selects {
  const terms = (text === "" ? [] : text.split(",")).map((term) => {
    const [, field = "", how, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
    if (!FIELDS.includes(field)) throw badRequest(`field label not supported: ${field}`);
    return { field, equal: how !== "!=", value };
  });
  return (object) => terms.every(({ field, equal, value }) => (fieldOf(object, field) === value) === equal);
}

function fieldOf(object: Stored, field: string): Json | undefined {
  const [part = "", name = ""] = field.split(".");
  return partOf(object, part)[name];
}
