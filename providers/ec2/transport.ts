import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { HttpProxyAgent, HttpsProxyAgent } from "hpagent";
import type { Ec2Connection } from "./connection.ts";

const AGENT = { keepAlive: true, maxSockets: 32 };

/** In the form that the field's own clients take it. */
export type RequestHandler = ReturnType<typeof requestHandler>;

/** Which certificates are trusted, and whether a proxy stands in between. */
export function requestHandler({ caCertificate, proxy }: Ec2Connection) {
  const trust = caCertificate === undefined ? {} : { ca: caCertificate };
  if (proxy === undefined) {
    return { httpAgent: new HttpAgent(AGENT), httpsAgent: new HttpsAgent({ ...AGENT, ...trust }) };
  }
  return {
    httpAgent: new HttpProxyAgent({ ...AGENT, proxy }),
    httpsAgent: new HttpsProxyAgent({ ...AGENT, ...trust, proxy }),
  };
}
