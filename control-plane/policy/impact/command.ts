import { EVERYWHERE } from "../../authz/scope.ts";
import type { App } from "../../context.ts";
import { compiledOrRefused } from "../register/candidate.ts";
import { replay } from "./replay.ts";
import { CHANGES, type Impact } from "./wire.ts";

interface ImpactCommand {
  readonly yaml: string;
  readonly pack: string;
  readonly requests: number;
  readonly json: boolean;
}

/** What a policy would change, on the whole province; resolves with the exit code. */
export async function impactCommand(
  app: App,
  { yaml, pack, requests, json }: ImpactCommand,
  print: (line: string) => void,
): Promise<number> {
  for await (const line of replay(app, EVERYWHERE, compiledOrRefused(yaml, pack), { requests })) {
    if ("impact" in line) print(json ? JSON.stringify(line.impact, null, 2) : formatImpact(line.impact));
    else if ("progress" in line && !json) print(`${line.progress.done}/${line.progress.total}`);
  }
  return 0;
}

function formatImpact(impact: Impact): string {
  const counts = (of: Record<(typeof CHANGES)[number], number>) =>
    CHANGES.map((change) => `${change} ${of[change]}`).join("  ");
  const groups = (title: string, by: Impact["byCloud"]) =>
    Object.entries(by).map(([id, of]) => `  ${title} ${id}: ${counts(of)}`);
  return [
    `${impact.policyId} version ${impact.version}, affects: ${impact.affects.join(", ") || "nothing"}`,
    `${impact.resources.judged} resources: ${counts(impact.resources)}`,
    `${impact.requests.judged} requests: ${counts(impact.requests)}`,
    ...groups("organization", impact.byOrganization),
    ...groups("cloud", impact.byCloud),
    ...impact.cases.map(
      ({ change, kind, id, policyId, message, actual, required }) =>
        `  ${change} ${kind} ${id} ${policyId}${message === null ? "" : `: ${message.zh} ${message.en} (${JSON.stringify(actual)} / ${JSON.stringify(required)})`}`,
    ),
  ].join("\n");
}
