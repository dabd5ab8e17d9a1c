import { Environment } from "@marcbachmann/cel-js";
import { CEL_TYPES, celTypeOf } from "./cel-facts.ts";
import { SUBJECT_SECTIONS, type Subject } from "./fact-shape.ts";

/** Far above what a rule needs, far below what could slow a decision down. */
const EXPRESSION_LIMITS = {
  maxAstNodes: 256,
  maxDepth: 24,
  maxListElements: 64,
  maxMapEntries: 64,
  maxCallArguments: 4,
};

/** The first digits of a GB/T 2260 code name the province (2) or the city (4); the rest is filled with zeros. */
function areaOf(code: unknown, digits: number): string {
  return String(code).slice(0, digits).padEnd(6, "0");
}

function baseEnvironment(): Environment {
  const environment = new Environment({ limits: EXPRESSION_LIMITS });
  for (const { name, ctor, fields } of CEL_TYPES) environment.registerType(name, { ctor, fields });
  environment.registerFunction("provinceOf(string): string", (code) => areaOf(code, 2));
  environment.registerFunction("cityOf(string): string", (code) => areaOf(code, 4));
  return environment;
}

function environmentFor(base: Environment, subject: Subject): Environment {
  const environment = base.clone();
  for (const section of SUBJECT_SECTIONS[subject]) environment.registerVariable(section, celTypeOf(section));
  return environment;
}

const base = baseEnvironment();

/** One environment per subject: an expression can name no fact that its subject does not have. */
export const ENVIRONMENTS: Readonly<Record<Subject, Environment>> = {
  request: environmentFor(base, "request"),
  placement: environmentFor(base, "placement"),
  tenancy: environmentFor(base, "tenancy"),
  resource: environmentFor(base, "resource"),
  cloud: environmentFor(base, "cloud"),
  organization: environmentFor(base, "organization"),
};
