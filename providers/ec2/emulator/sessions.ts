import { randomBytes } from "node:crypto";
import type { Params } from "./params.ts";
import { assertPolicy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { ACCOUNT, type Scene } from "./scene.ts";
import type { Caller } from "./signature.ts";
import type { XmlFields } from "./xml.ts";

const ROLE = new RegExp(`^arn:aws[a-z-]*:iam::${ACCOUNT}:role/([\\w+=,.@-]{1,64})$`);

/** Every role of the account may be taken on by its owner; none by what a role has lent. */
export function assumeRole(scene: Scene, params: Params, caller: Caller): XmlFields {
  const arn = params.required("RoleArn");
  const role = ROLE.exec(arn)?.[1];
  if (role === undefined || caller.session !== null) {
    throw new Refusal("AccessDenied", `not authorized to perform: sts:AssumeRole on resource: ${arn}`, 403);
  }
  const name = params.required("RoleSessionName");
  const seconds = params.number("DurationSeconds") ?? 3_600;
  if (!/^[\w+=,.@-]{2,64}$/.test(name) || seconds < 900 || seconds > 43_200) {
    throw new Refusal("ValidationError", "a value failed to satisfy its constraint");
  }
  const policy = params.text("Policy") ?? null;
  if (policy !== null) assertPolicy(policy);
  const id = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
  const session = {
    id,
    createdAt: scene.now,
    secretAccessKey: randomBytes(30).toString("base64"),
    token: randomBytes(96).toString("base64"),
    expiresAt: scene.now + seconds * 1_000,
    policy,
  };
  scene.put("session", id, session);
  return {
    Credentials: {
      AccessKeyId: id,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.token,
      Expiration: new Date(session.expiresAt).toISOString(),
    },
    AssumedRoleUser: {
      AssumedRoleId: `AROA${id.slice(4)}:${name}`,
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`,
    },
  };
}

/** As a revocation does it: what was lent before this moment is worth nothing any more. */
export function endSessions(scene: Scene): void {
  for (const session of scene.tables.session.values()) {
    scene.put("session", session.id, { ...session, expiresAt: Math.min(session.expiresAt, scene.now) });
  }
}
