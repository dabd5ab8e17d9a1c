import type { Tx } from "../db/tx.ts";
import { factsOfCreate } from "./facts.ts";
import { findSystem, insertSystem } from "./store.ts";
import type { Submission } from "./submit-together.ts";

/**
 * Registers systems that requests name for the first time; a race with an equal request finds its row. By their
 * names, so that two who register several never wait for each other in a circle.
 */
export async function registerSystems(tx: Tx, submissions: readonly Submission[]): Promise<Submission[]> {
  const registered = new Map<Submission, Submission>();
  for (const submission of submissions.filter(({ asked }) => !asked.knownSystem).sort(byName)) {
    registered.set(submission, await register(tx, submission));
  }
  return submissions.map((submission) => registered.get(submission) ?? submission);
}

async function register(tx: Tx, submission: Submission): Promise<Submission> {
  const { asked, body } = submission;
  const { organizationId } = asked.question;
  const { name, mlpsLevel, dataClass, filingNo = null } = body.system;
  await insertSystem(tx, { id: asked.systemId, organizationId, name, mlpsLevel, dataClass, filingNo });
  const system = await findSystem(tx, organizationId, name);
  if (system === undefined) throw new Error("a system vanished inside its own transaction");
  const question = { ...asked.question, facts: factsOfCreate(body, system.id) };
  return { ...submission, asked: { ...asked, systemId: system.id, question } };
}

function byName(left: Submission, right: Submission): number {
  const [one, other] = [nameOf(left), nameOf(right)];
  return one < other ? -1 : Number(one > other);
}

function nameOf({ asked, body }: Submission): string {
  return `${asked.question.organizationId} ${body.system.name}`;
}
