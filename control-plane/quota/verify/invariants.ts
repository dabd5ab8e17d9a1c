import { MINUTE_MS, plus } from "../../kernel/clock.ts";
import {
  heldAgainstHolds,
  nodeCountersAgainstLedger,
  poolCountersAgainstLedger,
  usageOverCapacity,
  usedAgainstClaims,
} from "./counter-rows.ts";
import type { Invariant } from "./invariant.ts";
import {
  changesWithoutRequest,
  claimsWithoutTenancy,
  expiredHolds,
  holdsWithoutRequest,
  tenanciesCreatedTwice,
  tenanciesWithoutClaims,
} from "./life-rows.ts";
import { promisesWithoutRoom } from "./promise-checks.ts";
import { derivedFigures, usageOverQuota } from "./tree-checks.ts";

/** The task that takes expired holds away runs twice a minute; one that is still there by then was forgotten. */
export const EXPIRY_GRACE_MS = 5 * MINUTE_MS;

/** Of quota and capacity alone; they hold without any request or tenancy behind a hold or a claim. */
export const LEDGER_INVARIANTS: readonly Invariant[] = [
  {
    name: "node-counters-equal-ledger",
    title: { zh: "配额节点计数等于账本之和", en: "Counters of quota nodes are sums of the ledger" },
    check: nodeCountersAgainstLedger,
  },
  {
    name: "pool-counters-equal-ledger",
    title: { zh: "资源池计数等于账本之和", en: "Counters of pools are sums of the ledger" },
    check: poolCountersAgainstLedger,
  },
  {
    name: "held-equals-active-holds",
    title: { zh: "预占量等于有效预占之和", en: "Held is what active holds hold" },
    check: heldAgainstHolds,
  },
  {
    name: "used-equals-claims",
    title: { zh: "已用量等于占用之和", en: "Used is what claims claim" },
    check: usedAgainstClaims,
  },
  {
    name: "usage-within-capacity",
    title: { zh: "用量不超过资源池容量", en: "Usage is within the capacity of pools" },
    check: usageOverCapacity,
  },
  {
    name: "node-figures-derived",
    title: {
      zh: "配额树数值与限额和计数一致",
      en: "Figures of the quota tree follow from limits and counters",
    },
    check: derivedFigures,
  },
  {
    name: "usage-within-quota",
    title: { zh: "用量不超过配额", en: "Usage is within quota" },
    check: usageOverQuota,
  },
  {
    name: "no-promise-broken",
    title: {
      zh: "已承诺的容量在每一天都留有余地",
      en: "What is promised has room on every day, beside what is claimed and held",
    },
    check: promisesWithoutRoom,
  },
  {
    name: "no-expired-hold-counted",
    title: { zh: "过期预占不再计数", en: "No hold past its expiry is still counted" },
    check: (tx, now) => expiredHolds(tx, plus(now, -EXPIRY_GRACE_MS)),
  },
];

/** Of the whole way from a request to a tenancy. */
const LIFE_INVARIANTS: readonly Invariant[] = [
  {
    name: "claims-belong-to-live-tenancies",
    title: { zh: "占用均属于存续租用", en: "Every claim belongs to a placement of a live tenancy" },
    check: claimsWithoutTenancy,
  },
  {
    name: "live-tenancies-have-their-claims",
    title: { zh: "存续租用均有相应占用", en: "Every live tenancy has its claims" },
    check: tenanciesWithoutClaims,
  },
  {
    name: "active-holds-await-a-decision",
    title: {
      zh: "有效预占均对应待决申请",
      en: "Every active hold belongs to a request that waits for a person",
    },
    check: holdsWithoutRequest,
  },
  {
    name: "one-creation-per-tenancy",
    title: { zh: "一个租用只由一个申请创建", en: "No tenancy is behind two requests to create one" },
    check: tenanciesCreatedTwice,
  },
  {
    name: "changes-have-their-request",
    title: {
      zh: "变更中的租用均有变更申请",
      en: "Only what changes has a change request, and only what is settled has none",
    },
    check: changesWithoutRequest,
  },
];

export const INVARIANTS: readonly Invariant[] = [...LEDGER_INVARIANTS, ...LIFE_INVARIANTS];
