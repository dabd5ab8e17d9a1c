import { z } from "zod";

const labelKey = z
  .string()
  .max(317)
  .regex(/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/);
const objectName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const pem = z.string().regex(/-----BEGIN [A-Z ]+-----/, "not in PEM form");

/** Where a cluster is, and how its operator has arranged it. Nothing here is secret. */
const KubernetesAddress = z.strictObject({
  /** The API server's address. */
  server: z.url({ protocol: /^https?$/ }),
  /** Certificates of the authority that signed the server's; the system's own when left out. */
  caCertificate: pem.optional(),
  /** The name in the server's certificate, where it is not that of the address. */
  serverName: z.string().min(1).optional(),
  /** An HTTP proxy on the way to the cluster. */
  proxy: z.url({ protocol: /^https?$/ }).optional(),
  /** The node label whose value is the pool's name; without it a pool is a zone and an architecture. */
  poolLabel: labelKey.optional(),
  /** The cluster role that a department's group gets in its own namespaces. */
  accessRole: z.string().regex(objectName).default("edit"),
  /** Put before the department's group, as the cluster's identity provider does it. */
  groupPrefix: z.string().max(64).default(""),
  podSecurity: z.enum(["privileged", "baseline", "restricted"]).default("restricted"),
  /** The cluster's default when left out. */
  storageClass: z.string().regex(objectName).optional(),
  gpuResource: labelKey.default("nvidia.com/gpu"),
});

/** A bearer token, or a client certificate with its key. */
const KubernetesCredential = z.strictObject({
  token: z.string().min(1).optional(),
  /**
   * `namespace/name` of the service account behind the token. With it the token is used for one thing only:
   * to ask for tokens that live `tokenSeconds`, with which everything else is done.
   */
  serviceAccount: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/)
    .optional(),
  /** The API server issues nothing below ten minutes. */
  tokenSeconds: z.int().min(600).max(86_400).default(3_600),
  clientCertificate: pem.optional(),
  clientKey: pem.optional(),
});

/** Address and credential together: what the adapter is opened with. */
export const KubernetesConnection = z
  .strictObject({ ...KubernetesAddress.shape, ...KubernetesCredential.shape })
  .refine(
    ({ clientCertificate, clientKey }) => (clientCertificate === undefined) === (clientKey === undefined),
    {
      path: ["clientKey"],
      message: "a client certificate and its key come together",
    },
  )
  .refine(({ token, clientKey }) => token !== undefined || clientKey !== undefined, {
    path: ["token"],
    message: "neither a token nor a client certificate",
  });
export type KubernetesConnection = z.output<typeof KubernetesConnection>;
