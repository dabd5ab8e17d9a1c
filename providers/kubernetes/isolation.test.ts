import type { V1NetworkPolicy, V1NetworkPolicyIngressRule } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { denySpec, isolatedBy } from "./isolation.ts";

const DENY: V1NetworkPolicy = { metadata: { name: "default-deny" }, spec: denySpec() };

function admitting(rule: V1NetworkPolicyIngressRule): V1NetworkPolicy {
  return { metadata: { name: "other" }, spec: { podSelector: {}, ingress: [rule] } };
}

test("only a default that denies everything to every pod isolates", () => {
  expect(isolatedBy([DENY])).toBe(true);
  expect(isolatedBy([])).toBe(false);
  const some = { ...denySpec(), podSelector: { matchLabels: { app: "web" } } };
  expect(isolatedBy([{ ...DENY, spec: some }])).toBe(false);
  expect(isolatedBy([{ ...DENY, spec: { ...denySpec(), policyTypes: ["Ingress"] } }])).toBe(false);
  expect(isolatedBy([{ ...DENY, spec: { ...denySpec(), ingress: [{}] } }])).toBe(false);
  expect(isolatedBy([{ ...DENY, metadata: { name: "another" } }])).toBe(false);
});

test.each([
  {},
  { _from: [] },
  { _from: [{ namespaceSelector: {} }] },
  { _from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] },
  { _from: [{ ipBlock: { cidr: "::/0" } }] },
  { _from: [{ podSelector: {} }, { namespaceSelector: {}, podSelector: {} }] },
])("%j admits everyone", (rule) => {
  expect(isolatedBy([DENY, admitting(rule)])).toBe(false);
});

test.each([
  { _from: [{ podSelector: {} }] },
  { _from: [{ namespaceSelector: { matchLabels: { team: "a" } } }] },
  { _from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] },
])("%j admits those who are named", (rule) => {
  expect(isolatedBy([DENY, admitting(rule)])).toBe(true);
});
