import type { z } from "zod";
import { ProviderFault } from "./faults.ts";
import type { CloudProvider } from "./port.ts";

type Opener = (connection: unknown) => CloudProvider;

/** Each kind is loaded when the first cloud of it is opened: the clients of the vendors take a second to load. */
const OPENERS: Readonly<Record<string, () => Promise<Opener>>> = {
  ec2: async () => {
    const { Ec2Connection } = await import("./ec2/connection.ts");
    const { ec2Provider } = await import("./ec2/provider.ts");
    return opener("ec2", Ec2Connection, ec2Provider);
  },
  openstack: async () => {
    const { OpenstackConnection } = await import("./openstack/connection.ts");
    const { openstackProvider } = await import("./openstack/provider.ts");
    return opener("openstack", OpenstackConnection, openstackProvider);
  },
  kubernetes: async () => {
    const { KubernetesConnection } = await import("./kubernetes/connection.ts");
    const { kubernetesProvider } = await import("./kubernetes/provider.ts");
    return opener("kubernetes", KubernetesConnection, kubernetesProvider);
  },
  simulated: async () => {
    const { SimulatedConnection } = await import("./simulated/connection.ts");
    const { simulatedProvider } = await import("./simulated/provider.ts");
    return opener("simulated", SimulatedConnection, simulatedProvider);
  },
};

export const PROVIDER_KINDS: readonly string[] = Object.keys(OPENERS);

/**
 * The adapter of a kind of cloud for one connection; nothing is sent yet.
 * Throws `Invalid` for an unknown kind or a connection that does not fit it; the message names
 * the fields at fault and never a value, because a connection holds secrets.
 */
export async function openProvider(kind: string, connection: unknown): Promise<CloudProvider> {
  const load = Object.hasOwn(OPENERS, kind) ? OPENERS[kind] : undefined;
  if (load === undefined) {
    throw new ProviderFault(
      "Invalid",
      `unknown kind of cloud "${kind}"; known: ${PROVIDER_KINDS.join(", ")}`,
    );
  }
  const open = await load();
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
