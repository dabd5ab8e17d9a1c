import type { z } from "zod";
import { Ec2Connection } from "./ec2/connection.ts";
import { ec2Provider } from "./ec2/provider.ts";
import { ProviderFault } from "./faults.ts";
import { KubernetesConnection } from "./kubernetes/connection.ts";
import { kubernetesProvider } from "./kubernetes/provider.ts";
import { OpenstackConnection } from "./openstack/connection.ts";
import { openstackProvider } from "./openstack/provider.ts";
import type { CloudProvider } from "./port.ts";
import { SimulatedConnection } from "./simulated/connection.ts";
import { simulatedProvider } from "./simulated/provider.ts";

type Opener = (connection: unknown) => CloudProvider;

const OPENERS: Readonly<Record<string, Opener>> = {
  ec2: opener("ec2", Ec2Connection, ec2Provider),
  openstack: opener("openstack", OpenstackConnection, openstackProvider),
  kubernetes: opener("kubernetes", KubernetesConnection, kubernetesProvider),
  simulated: opener("simulated", SimulatedConnection, simulatedProvider),
};

export const PROVIDER_KINDS: readonly string[] = Object.keys(OPENERS);

/**
 * The adapter of a kind of cloud for one connection; nothing is sent yet.
 * Throws `Invalid` for an unknown kind or a connection that does not fit it; the message names
 * the fields at fault and never a value, because a connection holds secrets.
 */
export function openProvider(kind: string, connection: unknown): CloudProvider {
  const open = Object.hasOwn(OPENERS, kind) ? OPENERS[kind] : undefined;
  if (open === undefined) {
    throw new ProviderFault(
      "Invalid",
      `unknown kind of cloud "${kind}"; known: ${PROVIDER_KINDS.join(", ")}`,
    );
  }
  return open(connection);
}

function opener<Schema extends z.ZodType>(
  kind: string,
  schema: Schema,
  open: (connection: z.output<Schema>) => CloudProvider,
): Opener {
  return (connection) => {
    const parsed = schema.safeParse(connection);
    if (parsed.success) return open(parsed.data);
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join(".") || "(whole)"}: ${issue.message}`,
    );
    throw new ProviderFault("Invalid", `connection of kind ${kind}: ${problems.join("; ")}`);
  };
}
