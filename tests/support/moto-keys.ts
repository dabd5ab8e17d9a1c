import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../../providers/ec2/emulator/sha256.ts";
import type { Ec2Environment } from "./ec2-environment.ts";

/**
 * Moto takes any key until it is told to look: this gives it a user and a role, and then tells it. Another
 * service is left as it is, with the keys and the role that were given.
 */
export async function checkedKeys(given: Ec2Environment): Promise<{
  readonly environment: Ec2Environment;
  readonly restore: () => Promise<void>;
}> {
  if (!(await isMoto(given.endpoint))) return { environment: given, restore: () => Promise.resolve() };
  await checkFromNowOn(given, "inf");
  const name = `conformance-${process.pid}`;
  const everything = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  });
  await iam(given, { Action: "CreateUser", UserName: name });
  await iam(given, {
    Action: "PutUserPolicy",
    UserName: name,
    PolicyName: "everything",
    PolicyDocument: everything,
  });
  const role = await iam(given, {
    Action: "CreateRole",
    RoleName: name,
    AssumeRolePolicyDocument: everything,
  });
  const key = await iam(given, { Action: "CreateAccessKey", UserName: name });
  await checkFromNowOn(given, "0");
  return {
    environment: {
      ...given,
      accessKeyId: textIn(key, "AccessKeyId"),
      secretAccessKey: textIn(key, "SecretAccessKey"),
      accessRoleArn: textIn(role, "Arn"),
    },
    restore: () => checkFromNowOn(given, "inf"),
  };
}

async function isMoto(endpoint: string): Promise<boolean> {
  const answer = await fetch(new URL("/moto-api/", endpoint));
  const text = await answer.text();
  return answer.ok && text.includes("Moto");
}

async function checkFromNowOn({ endpoint }: Ec2Environment, after: string): Promise<void> {
  const answer = await fetch(new URL("/moto-api/reset-auth", endpoint), { method: "POST", body: after });
  if (!answer.ok) throw new Error(`moto does not check keys: ${answer.status}`);
  await answer.arrayBuffer();
}

async function iam(given: Ec2Environment, params: Readonly<Record<string, string>>): Promise<string> {
  const { endpoint, region, accessKeyId, secretAccessKey } = given;
  const body = new URLSearchParams({ ...params, Version: "2010-05-08" }).toString();
  const signer = new SignatureV4({
    service: "iam",
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  const { host, hostname } = new URL(endpoint);
  const signed = await signer.sign({
    method: "POST",
    protocol: "http:",
    hostname,
    path: "/",
    query: {},
    headers: { host, "content-type": "application/x-www-form-urlencoded" },
    body,
  });
  const answer = await fetch(endpoint, { method: "POST", headers: signed.headers, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${params.Action}: ${answer.status} ${text}`);
  return text;
}

function textIn(xml: string, element: string): string {
  const text = new RegExp(`<${element}>([^<]+)</${element}>`).exec(xml)?.[1];
  if (text === undefined) throw new Error(`no ${element} in ${xml}`);
  return text;
}
