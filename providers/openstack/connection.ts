import { z } from "zod";

const Text = z.string().min(1).max(255);

/** How to sign in. A password can be turned into tokens of any project; an application credential cannot. */
const OpenstackCredential = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("password"),
    username: Text,
    password: z.string().min(1),
    userDomain: Text.default("Default"),
    project: Text,
    projectDomain: Text.default("Default"),
  }),
  z.strictObject({ kind: z.literal("application-credential"), id: Text, secret: z.string().min(1) }),
]);

/** Where an OpenStack cloud is, and what in it belongs to the control plane. */
export const OpenstackConnection = z.strictObject({
  /** Of Keystone, with or without `/v3`. */
  authUrl: z.url({ protocol: /^https?$/ }),
  /** The catalog's only region where it is left out. */
  region: Text.exactOptional(),
  interface: z.enum(["public", "internal", "admin"]).default("public"),
  /** Id of the domain that holds the tenancies' projects, their users and the departments' groups. */
  domainId: Text.default("default"),
  /** What a department's group may do in its projects. */
  memberRole: Text.default("member"),
  /** Addresses of every tenancy's network; tenancies are apart from each other, so all may have the same. */
  cidr: z.cidrv4().default("10.0.0.0/24"),
  /** Id of the network behind the tenancies' routers; without it they lead nowhere. */
  externalNetworkId: Text.exactOptional(),
  /** Our pool to the cloud's availability zone, where the two have different names. */
  zones: z.record(z.string(), Text).default({}),
  /** PEM of a private authority, trusted instead of the usual ones. */
  ca: z.string().includes("BEGIN CERTIFICATE").exactOptional(),
  proxy: z.url({ protocol: /^https?$/ }).exactOptional(),
  credential: OpenstackCredential,
});
export type OpenstackConnection = z.infer<typeof OpenstackConnection>;
