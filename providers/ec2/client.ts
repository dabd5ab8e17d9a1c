import {
  type $Command,
  EC2Client,
  type EC2ClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-ec2";
import type { CallOptions } from "../port.ts";
import { givenUp } from "../wire-faults.ts";
import type { Ec2Connection } from "./connection.ts";
import { credentialsOf } from "./credentials.ts";
import { faultFrom, hasVendorCode } from "./faults.ts";
import type { RequestHandler } from "./transport.ts";

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  EC2ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

/** Sends one command; every way to fail becomes a `ProviderFault`. */
export type Send = <Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: Command<Input, Output>,
  options: CallOptions | undefined,
) => Promise<Output>;

const EXPIRED = /^(RequestExpired|ExpiredToken(Exception)?|AuthFailure|InvalidClientTokenId)$/;

/**
 * The field's own client, with one attempt for each call: repeating is the decorator's business. Only what
 * this side can mend itself is sent again: a clock that was wrong, credentials that have run out.
 */
export function sender(connection: Ec2Connection, handler: RequestHandler): Send {
  const open = () =>
    new EC2Client({
      endpoint: connection.endpoint,
      region: connection.region,
      credentials: credentialsOf(connection, handler),
      maxAttempts: 1,
      requestHandler: handler,
    });
  let client = open();
  return async (command, options) => {
    const signal = options?.signal;
    if (signal?.aborted === true) throw givenUp(signal.reason);
    const used = client;
    const once = (by: EC2Client) => by.send(command, signal === undefined ? {} : { abortSignal: signal });
    try {
      return await once(used);
    } catch (error) {
      const fault = faultFrom(error, signal);
      if (clockCorrected(error) && fault.kind === "Denied") return sentAgain(() => once(used), signal);
      if (connection.role === undefined || !hasVendorCode(fault, EXPIRED)) throw fault;
      // Another call may have renewed them meanwhile.
      if (client === used) client = open();
      return sentAgain(() => once(client), signal);
    }
  };
}

async function sentAgain<Output>(
  send: () => Promise<Output>,
  signal: AbortSignal | undefined,
): Promise<Output> {
  try {
    return await send();
  } catch (error) {
    throw faultFrom(error, signal);
  }
}

/** The client has seen from the answer's date that this clock is wrong, and signs the next call accordingly. */
function clockCorrected(error: unknown): boolean {
  if (!(error instanceof Error) || !("$metadata" in error)) return false;
  const metadata = error.$metadata;
  return typeof metadata === "object" && metadata !== null && "clockSkewCorrected" in metadata;
}
