import { expect, test } from "vitest";
import { KubernetesConnection } from "./connection.ts";

const SERVER = { server: "https://10.0.0.1:6443" };
const PEM = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";

test("takes a token, or a client certificate with its key", () => {
  expect(KubernetesConnection.parse({ ...SERVER, token: "t" })).toMatchObject({
    ...{ accessRole: "edit", podSecurity: "restricted", tokenSeconds: 3_600, groupPrefix: "" },
  });
  const key = PEM.replaceAll("CERTIFICATE", "EC PRIVATE KEY");
  expect(KubernetesConnection.safeParse({ ...SERVER, clientCertificate: PEM, clientKey: key }).success).toBe(
    true,
  );
});

test.each([
  [{}, "token"],
  [{ clientCertificate: PEM }, "clientKey"],
  [{ token: "t", caCertificate: "MII=" }, "caCertificate"],
  [{ token: "t", server: "ftp://host" }, "server"],
  [{ token: "t", proxy: "socks://host" }, "proxy"],
  [{ token: "t", serviceAccount: "no-namespace" }, "serviceAccount"],
  [{ token: "t", tokenSeconds: 60 }, "tokenSeconds"],
  [{ token: "t", insecureSkipTlsVerify: true }, ""],
])("%j names the field at fault", (change, field) => {
  const result = KubernetesConnection.safeParse({ ...SERVER, ...change });
  expect(result.error?.issues.map((issue) => issue.path.join("."))).toContain(field);
});
