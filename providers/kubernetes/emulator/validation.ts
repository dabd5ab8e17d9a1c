import type { z } from "zod";
import { nanosOf } from "../quantity.ts";
import { type JsonObject, partOf, type Stored, sameJson } from "./objects.ts";
import { BINDINGS, CLAIMS, DEPLOYMENTS, NAMESPACES, PODS, QUOTAS, type Resource } from "./resources.ts";
import { badRequest, invalid, Refusal } from "./status.ts";
import { BindingView, ClaimView, DeploymentView, PodView, QuotaView } from "./views.ts";

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const VIEWS = new Map<Resource, z.ZodType>([
  [PODS, PodView],
  [DEPLOYMENTS, DeploymentView],
  [QUOTAS, QuotaView],
  [CLAIMS, ClaimView],
  [BINDINGS, BindingView],
]);

/** @throws Refusal 400 or 422 */
export function validate(resource: Resource, object: Stored, before: Stored | null): void {
  const { name } = object.metadata;
  const [pattern, rule] =
    resource === NAMESPACES
      ? [/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, LABEL]
      : [/^[a-z0-9]([-.a-z0-9:]{0,251}[a-z0-9])?$/, SUBDOMAIN];
  if (!pattern.test(name))
    throw invalid(resource, name, "metadata.name", `Invalid value: "${name}": ${rule}`);
  const view = VIEWS.get(resource)?.safeParse(object);
  if (view?.success === false) {
    const [issue] = view.error.issues;
    throw invalid(resource, name, issue?.path.join(".") ?? "", `Invalid value: ${issue?.message}`);
  }
  if (resource === QUOTAS) checkQuantities(object);
  if (before !== null) checkUnchangeable(resource, object, before);
}

function checkQuantities(object: Stored): void {
  try {
    for (const amount of Object.values(QuotaView.parse(object).spec.hard)) nanosOf(amount);
  } catch {
    throw badRequest(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
}

function checkUnchangeable(resource: Resource, object: Stored, before: Stored): void {
  const { name } = object.metadata;
  const [now, then] = [partOf(object, "spec"), partOf(before, "spec")];
  if (resource === BINDINGS && !sameJson(object.roleRef, before.roleRef)) {
    const { kind, name: role } = BindingView.parse(object).roleRef;
    const value = `rbac.RoleRef{APIGroup:"rbac.authorization.k8s.io", Kind:"${kind}", Name:"${role}"}`;
    throw invalid(resource, name, "roleRef", `Invalid value: ${value}: cannot change roleRef`);
  }
  if (resource === DEPLOYMENTS && !sameJson(now.selector, then.selector)) {
    const labels = Object.entries(DeploymentView.parse(object).spec.selector.matchLabels);
    const shown = labels.map(([label, value]) => `"${label}":"${value}"`).join(" ");
    const value = `v1.LabelSelector{MatchLabels:map[string]string{${shown}}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}`;
    throw invalid(resource, name, "spec.selector", `Invalid value: ${value}: field is immutable`);
  }
  if (resource === CLAIMS && !sameJson(now, then)) checkClaim(object, before);
}

/** A disk may grow once it is bound, and never shrink. */
function checkClaim(object: Stored, before: Stored): void {
  const [now, then] = [ClaimView.parse(object), ClaimView.parse(before)];
  const size = ({ spec }: typeof now) => nanosOf(spec.resources.requests.storage ?? "0");
  const { resources: _, ...others } = partOf(object, "spec");
  const { resources: __, ...previous } = partOf(before, "spec");
  if (then.status.phase !== "Bound" || !sameJson(others, previous)) {
    const why = "Forbidden: spec is immutable after creation except resources.requests for bound claims";
    throw forbiddenField(object.metadata.name, "spec", why);
  }
  if (size(now) < size(then)) {
    const why = "Forbidden: field can not be less than previous value";
    throw forbiddenField(object.metadata.name, "spec.resources.requests.storage", why);
  }
}

function forbiddenField(name: string, field: string, why: string): Refusal {
  const { kind } = CLAIMS;
  const causes = [{ reason: "FieldValueForbidden", message: why, field }];
  return new Refusal(422, "Invalid", `${kind} "${name}" is invalid: ${field}: ${why}`, {
    name,
    kind,
    causes,
  });
}

/** @throws Refusal 400 for a body of another kind than the address */
export function assertKind(resource: Resource, body: JsonObject): void {
  if (body.kind === undefined || body.kind === resource.kind) return;
  throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind})`);
}
