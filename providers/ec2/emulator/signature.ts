import { timingSafeEqual } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { SessionRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import type { Scene } from "./scene.ts";
import { Sha256 } from "./sha256.ts";

/** A request as it came in; header names in lower case. */
export interface SignedRequest {
  readonly method: string;
  /** As it was sent, still encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Caller {
  readonly service: string;
  /** Null for the account's own keys. */
  readonly session: SessionRecord | null;
}

const SKEW_MS_MAX = 15 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Who has signed the request; signs it again with the secret that is on record and compares. */
export async function callerOf(scene: Scene, request: SignedRequest): Promise<Caller> {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? "");
  const [, keyId = "", day = "", region = "", service = "", signed = "", signature = ""] = match ?? [];
  if (match === null) {
    throw new Refusal("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
  }
  const session = scene.tables.session.get(keyId) ?? null;
  const secret =
    session?.secretAccessKey ?? (keyId === scene.cloud.accessKeyId ? scene.cloud.secretAccessKey : null);
  if (secret === null || (session !== null && session.token !== request.headers["x-amz-security-token"])) {
    throw invalid();
  }
  const signedAt = dateIn(request.headers["x-amz-date"] ?? "");
  const stale = Math.abs(scene.now - signedAt.getTime()) > SKEW_MS_MAX;
  if (stale || (session !== null && session.expiresAt <= scene.now)) {
    throw new Refusal("RequestExpired", "Request has expired.");
  }
  const scoped = request.headers["x-amz-date"]?.startsWith(day) && region === scene.cloud.region;
  const names = signed.split(";");
  const expected = await signatureOf({ request, names, keyId, secret, region, service, signedAt });
  if (!scoped || !names.includes("host") || !same(expected, signature)) throw invalid();
  return { service, session };
}

function invalid(): Refusal {
  const message = "AWS was not able to validate the provided access credentials";
  return new Refusal("AuthFailure", message, 401);
}

interface Signing {
  readonly request: SignedRequest;
  readonly names: readonly string[];
  readonly keyId: string;
  readonly secret: string;
  readonly region: string;
  readonly service: string;
  readonly signedAt: Date;
}

async function signatureOf(signing: Signing): Promise<string> {
  const { request, names, keyId, secret, region, service, signedAt } = signing;
  const hash = "x-amz-content-sha256";
  // Computed anew from the body that came, and never taken from what the client says of it.
  const headers = Object.fromEntries(
    names.filter((name) => name !== hash).map((name) => [name, request.headers[name] ?? ""]),
  );
  const token = request.headers["x-amz-security-token"];
  const signer = new SignatureV4({
    service,
    region,
    credentials: {
      accessKeyId: keyId,
      secretAccessKey: secret,
      ...(token === undefined ? {} : { sessionToken: token }),
    },
    sha256: Sha256,
    applyChecksum: names.includes(hash),
  });
  const again = await signer.sign(
    {
      method: request.method,
      protocol: "http:",
      hostname: request.headers.host ?? "",
      path: request.path,
      query: {},
      headers,
      body: request.body,
    },
    { signingDate: signedAt },
  );
  return /Signature=([0-9a-f]{64})$/.exec(again.headers.authorization ?? "")?.[1] ?? "";
}

/** `20261122T003321Z` */
function dateIn(text: string): Date {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) throw invalid();
  const [, year, month, day, hour, minute, second] = parts;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function same(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
