import type { Resource } from "./resources.ts";

interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** What the API server says in place of an object. */
export interface StatusBody {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, string>>;
  readonly status: "Failure";
  readonly message: string;
  readonly reason: string;
  readonly details?: Details;
  readonly code: number;
}

export class Refusal extends Error {
  readonly body: StatusBody;

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: Details,
    metadata: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "Refusal";
    const base = { kind: "Status", apiVersion: "v1", metadata, status: "Failure", message, reason } as const;
    this.body = details === undefined ? { ...base, code } : { ...base, details, code };
  }
}

export function notFound(resource: Resource, name: string): Refusal {
  return new Refusal(404, "NotFound", `${pluralOf(resource)} "${name}" not found`, named(resource, name));
}

export function alreadyExists(resource: Resource, name: string): Refusal {
  const message = `${pluralOf(resource)} "${name}" already exists`;
  return new Refusal(409, "AlreadyExists", message, named(resource, name));
}

export function conflict(resource: Resource, name: string, why: string): Refusal {
  const message = `Operation cannot be fulfilled on ${pluralOf(resource)} "${name}": ${why}`;
  return new Refusal(409, "Conflict", message, named(resource, name));
}

export function forbidden(resource: Resource, name: string, why: string, causes?: readonly Cause[]): Refusal {
  const message = `${pluralOf(resource)} "${name}" is forbidden: ${why}`;
  const details = { ...named(resource, name), ...(causes === undefined ? {} : { causes }) };
  return new Refusal(403, "Forbidden", message, details);
}

/** In 422 the details name the kind and not the plural, unlike everywhere else. */
export function invalid(resource: Resource, name: string, field: string, message: string): Refusal {
  const { group, kind } = resource;
  const cause = { reason: "FieldValueInvalid", message, field };
  const details = { name, ...(group === "" ? {} : { group }), kind, causes: [cause] };
  const what = group === "" ? kind : `${kind}.${group}`;
  return new Refusal(422, "Invalid", `${what} "${name}" is invalid: ${field}: ${message}`, details);
}

/** Said twice by the API server itself: once by each of the two checks that such a field has to pass. */
export function immutableTwice(resource: Resource, name: string, field: string, message: string): Refusal {
  const { body } = invalid(resource, name, field, message);
  const causes = body.details?.causes ?? [];
  return new Refusal(body.code, body.reason, body.message, {
    ...body.details,
    causes: [...causes, ...causes],
  });
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, "BadRequest", message);
}

function named({ group, plural }: Resource, name: string): Details {
  return { name, ...(group === "" ? {} : { group }), kind: plural };
}

function pluralOf({ group, plural }: Resource): string {
  return group === "" ? plural : `${plural}.${group}`;
}
