import { randomUUID } from "node:crypto";
import { SMALL_REQUEST } from "../../stories/sample-request.ts";
import { type Lab, ratioOf } from "../bench.ts";
import { measure } from "../clients.ts";
import { poster, type Served } from "./served.ts";

const CLIENTS = 64;

/**
 * Requests that no person has to approve, each under its own idempotency key, from HTTP to the committed claim. The
 * baseline is the same without company: one client, so that every request has a transaction and a commit to itself.
 */
export async function submissions(lab: Lab, served: Served): Promise<void> {
  const client = poster(served, CLIENTS);
  const submit = async () => {
    const key = randomUUID();
    const body = JSON.stringify({ ...SMALL_REQUEST, purpose: key });
    const answer = await client.post("/tenancy-requests", body, { "idempotency-key": key });
    if (answer.status !== 202) throw new Error(`${answer.status}: ${answer.body()}`);
  };
  const seconds = lab.quick ? 0.3 : 8;
  const warmUpSeconds = lab.quick ? 0.1 : 3;
  const one = await measure({ clients: 1, seconds, warmUpSeconds }, submit);
  const many = await measure({ clients: CLIENTS, seconds, warmUpSeconds }, submit);
  client.close();
  lab.print({
    case: "submit",
    clients: CLIENTS,
    value: many.perSecond,
    unit: "requests/s",
    baseline: one.perSecond,
    ratio: ratioOf(many.perSecond, one.perSecond),
    p50Ms: many.p50Ms,
    p99Ms: many.p99Ms,
    details: { baselineP50Ms: one.p50Ms, baselineP99Ms: one.p99Ms },
  });
}
