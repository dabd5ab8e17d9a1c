import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { compilePolicy } from "./compile.ts";
import { inheritanceIssues, withInheritance } from "./inheritance.ts";
import { type CompiledPolicy, type PolicySet, policySetOf, preferencesIn } from "./policy-set.ts";
import { formatIssue, type PolicyIssue, type PolicyIssueCode, YamlDocument } from "./yaml-document.ts";

const POLICY_BYTES_MAX = 64 * 1024;
const PACK_ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** A set of policies that may not be used; it names every reason at once. */
export class PolicyLoadError extends Error {
  readonly issues: readonly PolicyIssue[];

  constructor(issues: readonly PolicyIssue[]) {
    super(issues.map(formatIssue).join("\n"));
    this.name = "PolicyLoadError";
    this.issues = issues;
  }
}

/** Where one rule lives: `<root>/<pack>/<rule>/policy.yaml`. */
interface RulePlace {
  readonly pack: string;
  readonly rule: string;
  readonly folder: string;
}

/**
 * Reads and compiles every rule under the given roots (`<root>/<pack>/<rule>/policy.yaml`); a root may be a
 * pack itself. A root without a rule is a mistake: under no rules at all everything would be allowed.
 * @throws PolicyLoadError when any of them is broken: half a set of rules is never used.
 */
export async function loadPolicies(roots: readonly string[]): Promise<PolicySet> {
  const issues: PolicyIssue[] = [];
  const policies: CompiledPolicy[] = [];
  for (const place of await rulePlaces(roots, issues)) {
    const file = join(place.folder, "policy.yaml");
    const text = await readBounded(file, POLICY_BYTES_MAX, issues);
    if (text === null) continue;
    const compiled = compilePolicy({ pack: place.pack, file, text });
    if (compiled.policy === null) {
      issues.push(...compiled.issues);
      continue;
    }
    const { id } = compiled.policy.document.metadata;
    if (id !== place.rule) {
      const reason = `id ${id} differs from its folder ${place.rule}`;
      issues.push(new YamlDocument(file, text).issue(["metadata", "id"], reason));
    }
    policies.push(compiled.policy);
  }
  issues.push(...clashes(policies));
  if (issues.length > 0) throw new PolicyLoadError(issues);
  return policySetOf(withInheritance(policies));
}

/** What each policy may not share with another, and what is wrong with what they inherit. */
export function clashes(policies: readonly CompiledPolicy[]): PolicyIssue[] {
  const taken = new Map<string, CompiledPolicy>();
  const issues: PolicyIssue[] = [];
  for (const policy of policies) {
    const { id, rule } = policy.document.metadata;
    const claims = [`policy id ${id}`, `rule code ${rule} in pack ${policy.pack}`];
    if (preferencesIn(policy) !== null) claims.push("placement preferences");
    for (const claim of claims) {
      const first = taken.get(claim);
      if (first === undefined) taken.set(claim, policy);
      else issues.push(at(policy.file, `${claim} already defined in ${first.file}`, codeOf(claim)));
    }
  }
  const inherited = inheritanceIssues(policies);
  return [...issues, ...inherited.map(({ policy, code, reason }) => at(policy.file, reason, code))];
}

function codeOf(claim: string): PolicyIssueCode {
  return claim.startsWith("policy id ") ? "policy.duplicate_id" : "policy.clash";
}

async function rulePlaces(roots: readonly string[], issues: PolicyIssue[]): Promise<RulePlace[]> {
  const places: RulePlace[] = [];
  const packs = new Map<string, string>();
  for (const root of roots) {
    const [known, sound] = [places.length, issues.length];
    for (const pack of await foldersIn(root, issues)) {
      const folder = join(root, pack);
      if (await isRule(folder)) {
        places.push({ pack: basename(resolve(root)), rule: pack, folder });
        continue;
      }
      const first = packs.get(pack);
      if (first !== undefined) issues.push(at(folder, `pack ${pack} already defined in ${first}`));
      else if (!PACK_ID.test(pack))
        issues.push(at(folder, "pack names are lower-case words joined by hyphens"));
      packs.set(pack, first ?? folder);
      for (const rule of await foldersIn(folder, issues))
        places.push({ pack, rule, folder: join(folder, rule) });
    }
    if (places.length === known && issues.length === sound) {
      issues.push(at(root, "no rule found; expected <pack>/<rule>/policy.yaml"));
    }
  }
  return places;
}

/** A folder that cannot be read is none; looking for rules in it says why. */
async function isRule(folder: string): Promise<boolean> {
  return stat(join(folder, "policy.yaml")).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function foldersIn(parent: string, issues: PolicyIssue[]): Promise<string[]> {
  const folders: string[] = [];
  try {
    for (const name of (await readdir(parent)).toSorted()) {
      // Mounted volumes keep their former contents in hidden folders.
      if (!name.startsWith(".") && (await stat(join(parent, name))).isDirectory()) folders.push(name);
    }
  } catch (error) {
    issues.push(at(parent, reasonOf(error)));
  }
  return folders;
}

/** The file's text, or null with the reason added to `issues`. */
export async function readBounded(
  file: string,
  bytesMax: number,
  issues: PolicyIssue[],
): Promise<string | null> {
  try {
    const { size } = await stat(file);
    if (size <= bytesMax) return await readFile(file, "utf8");
    issues.push(at(file, `larger than ${bytesMax} bytes`));
  } catch (error) {
    issues.push(at(file, reasonOf(error)));
  }
  return null;
}

function at(file: string, reason: string, code: PolicyIssueCode = "policy.document_invalid"): PolicyIssue {
  return { file, line: 1, column: 1, reason, code };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
