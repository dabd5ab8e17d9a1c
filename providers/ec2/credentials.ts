import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  STSClient,
  type STSClientConfig,
} from "@aws-sdk/client-sts";
import { unreadable } from "../wire-faults.ts";
import type { Ec2Connection } from "./connection.ts";
import type { RequestHandler } from "./transport.ts";

type Credentials = NonNullable<STSClientConfig["credentials"]>;

/** What a role lends for a time. */
export interface LentCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export type AssumeRole = (input: AssumeRoleCommandInput, signal?: AbortSignal) => Promise<LentCredentials>;

/** The keys themselves, or those that a role lends; the client asks again before they expire. */
export function credentialsOf(connection: Ec2Connection, handler: RequestHandler): Credentials {
  const { role } = connection;
  if (role === undefined) return ownCredentials(connection);
  const assume = roleAssumer(connection, role.endpoint, handler);
  return () => assume({ RoleArn: role.arn, RoleSessionName: "yunheng", DurationSeconds: 3_600 });
}

/** Asks the security token service, with the connection's own keys. */
export function roleAssumer(
  connection: Ec2Connection,
  endpoint: string | undefined,
  requestHandler: RequestHandler,
): AssumeRole {
  const sts = new STSClient({
    endpoint: endpoint ?? connection.endpoint,
    region: connection.region,
    credentials: ownCredentials(connection),
    maxAttempts: 1,
    requestHandler,
  });
  return async (input, signal) => {
    const options = signal === undefined ? {} : { abortSignal: signal };
    const { Credentials: lent } = await sts.send(new AssumeRoleCommand(input), options);
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = lent ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || Expiration === undefined) {
      throw unreadable("AssumeRole without credentials");
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  };
}

function ownCredentials({ accessKeyId, secretAccessKey, sessionToken }: Ec2Connection) {
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
