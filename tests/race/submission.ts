import type { App, Caller } from "../../control-plane/context.ts";
import { isFault } from "../../control-plane/kernel/fault.ts";
import type { AccountId } from "../../control-plane/kernel/ids.ts";
import { submitRequest } from "../../control-plane/requests/submit.ts";
import { runVerb } from "../../control-plane/verb.ts";
import type { Ending } from "./message.ts";

interface Submitted {
  readonly ending: Ending;
  readonly key: string;
  readonly answer: string;
}

/** A tenancy request by the way that every call goes, under a key that other writers use as well. */
export async function submit(
  app: App,
  caller: Caller & { readonly actor: { readonly accountId: AccountId } },
  key: string,
  withKey: boolean,
): Promise<Submitted> {
  const once = { accountId: caller.actor.accountId, key, call: "POST /api/v1/tenancy-requests" };
  const response = await runVerb(
    app,
    caller,
    submitRequest,
    { body: bodyOf(key) },
    {
      once: withKey ? once : null,
      respond: ({ id, status }) => ({ status: 202, body: JSON.stringify({ id, status }), headers: {} }),
    },
  ).catch((error: unknown) => {
    // Others took what every decision had counted on, three times; a client would come back later.
    if (isFault(error, "database.busy") && error.details.retryAfterSeconds === 1) return null;
    throw error;
  });
  if (response === null) return { ending: "late", key, answer: "" };
  const { id, status } = JSON.parse(response.body) as { id: string; status: string };
  return { ending: status === "rejected" ? "refused" : "done", key, answer: id };
}

/** The same key always means the same body, and no other key does. */
function bodyOf(key: string) {
  return {
    organizationId: "gd-guangzhou-health",
    system: { name: "门户网站", mlpsLevel: 2, dataClass: "general" },
    purpose: key,
    environment: "test",
    network: { zones: ["extranet"], internetExposed: false },
    resources: { VCPU: 2, MEMORY_GIB: 3 },
    term: { start: "2026-12-01", end: "2027-06-30" },
  };
}
