import { z } from "zod";
import type { Brand } from "../kernel/brand.ts";
import type { CloudId, OrganizationId, PoolId, QuotaNodeId, SystemId, ZoneId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES } from "../kernel/quantity.ts";
import {
  country,
  date,
  degrees,
  divisionCode,
  idField,
  mlpsLevel,
  quantity,
  quotaIdField,
  reason,
  slug,
  text,
} from "./fields.ts";
import { inventory, quotaLimit } from "./limits.ts";

type PriceListId = Brand<string, "price-list">;

export const API_VERSION = "yunheng/v1";

const resourceClass = z.enum(RESOURCE_CLASSES);
const level = z.enum(["province", "city", "county"]);

function head<Kind extends string, Id extends z.ZodType>(kind: Kind, id: Id) {
  return {
    apiVersion: z.literal(API_VERSION),
    kind: z.literal(kind),
    metadata: z.strictObject({ id, name: text }),
  };
}

/** The version says how to read the text; what has been read no longer has one. */
function withoutVersion<Value extends { apiVersion: unknown }>({ apiVersion: _read, ...document }: Value) {
  return document;
}

/** An administrative division; its id is its GB/T 2260 code. The position is that of its seat, in degrees. */
const Jurisdiction = z
  .strictObject({
    ...head("Jurisdiction", divisionCode),
    spec: z.strictObject({
      level,
      parent: divisionCode.nullable(),
      latitude: degrees(90),
      longitude: degrees(180),
    }),
  })
  .transform(withoutVersion);

const Organization = z
  .strictObject({
    ...head("Organization", idField<OrganizationId>()),
    spec: z.strictObject({
      parent: idField<OrganizationId>().nullable(),
      kind: z.enum([
        "government",
        "authority",
        "operating_body",
        "finance",
        "department",
        "csp",
        "supervisor",
        "regulator",
      ]),
      level,
      jurisdiction: divisionCode,
      sector: slug.nullable().default(null),
    }),
  })
  .transform(withoutVersion);

const ApplicationSystem = z
  .strictObject({
    ...head("ApplicationSystem", idField<SystemId>()),
    spec: z.strictObject({
      organization: idField<OrganizationId>(),
      mlpsLevel,
      dataClass: z.enum(["general", "important", "core", "secret"]),
      /** The number of the 等保 filing at the public security organ. */
      filingNo: z
        .string()
        .regex(/^\d{11}-\d{5}$/)
        .nullable()
        .default(null),
    }),
  })
  .transform(withoutVersion);

const zone = z.strictObject({
  id: idField<ZoneId>(),
  kind: z.enum(["internet", "extranet", "dedicated"]),
  name: text,
});

/** Addresses and names of credentials, never a credential itself: the plan prints what is written here. */
const connection = z.record(
  z.string().regex(/^[a-z][A-Za-z0-9]{0,62}$/),
  z.union([z.string(), z.number(), z.boolean()]),
);

const Cloud = z
  .strictObject({
    ...head("Cloud", idField<CloudId>()),
    spec: z
      .strictObject({
        tier: z.enum(["provincial", "municipal", "industry"]),
        /** Where its machines stand. */
        jurisdiction: divisionCode,
        sector: slug.nullable().default(null),
        csp: idField<OrganizationId>(),
        country,
        /** Where its operators work from (GB/T 22239-2019 8.2.7.1). */
        operationsCountry: country,
        mlpsLevel,
        operatingModel: z.enum(["integrated", "separated"]),
        securityAssessmentValidUntil: date.nullable().default(null),
        cryptoAssessmentValidUntil: date.nullable().default(null),
        /** What happens to what was changed, or removed, at the cloud behind the control plane's back. */
        drift: z
          .strictObject({
            changed: z.enum(["repair", "report"]).default("repair"),
            lost: z.enum(["recreate", "report"]).default("recreate"),
          })
          .default({ changed: "repair", lost: "recreate" }),
        /**
         * What happens where the cloud says that a pool has more or less than is written here. `adopt` takes its word
         * until the documents are applied again.
         */
        capacity: z.enum(["report", "adopt"]).default("report"),
        provider: z.strictObject({ kind: slug, connection }),
        zones: z.array(zone).min(1),
      })
      .refine((cloud) => (cloud.tier === "industry") === (cloud.sector !== null), {
        path: ["sector"],
        ...reason("行业云必须且只有行业云填写行业", "an industry cloud, and no other, names its sector"),
      }),
  })
  .transform(withoutVersion);

/** CPU families that count as domestically controllable (信创); the other two do not. */
const XINCHUANG_ARCHITECTURES: readonly string[] = ["kunpeng", "phytium", "hygon", "zhaoxin", "loongson"];
const XINCHUANG_TRAIT = "xinchuang";
const CPU_TRAIT = "cpu:";

const Pool = z
  .strictObject({
    ...head("Pool", idField<PoolId>()),
    spec: z
      .strictObject({
        cloud: idField<CloudId>(),
        zone: idField<ZoneId>(),
        architecture: z.enum(["kunpeng", "phytium", "hygon", "zhaoxin", "loongson", "intel", "amd"]),
        mlpsLevel,
        /** No other organization shares the pool's hosts. */
        dedicated: z.boolean(),
        /** The platform separates the networks of tenants. */
        tenantIsolation: z.boolean(),
        /** Storage is encrypted under a key service that the tenant can control. */
        encryption: z.boolean(),
        faultDomains: z.int().min(1).max(1000),
        traits: z.array(slug).refine((traits) => new Set(traits).size === traits.length, {
          ...reason("特征重复", "a trait is listed twice"),
        }),
        inventories: z
          .partialRecord(resourceClass, inventory)
          .refine((rows) => Object.keys(rows).length > 0, {
            ...reason("资源池至少有一类资源", "a pool has at least one resource class"),
          }),
      })
      .refine(
        (pool) =>
          !pool.traits.includes(XINCHUANG_TRAIT) || XINCHUANG_ARCHITECTURES.includes(pool.architecture),
        {
          path: ["traits"],
          ...reason("该 CPU 系列不属于信创", "this CPU family is not a xinchuang one"),
        },
      )
      .refine(
        (pool) =>
          pool.traits.every(
            (trait) => !trait.startsWith(CPU_TRAIT) || trait === CPU_TRAIT + pool.architecture,
          ),
        {
          path: ["traits"],
          ...reason("cpu 特征与 CPU 系列不一致", "the cpu trait contradicts the architecture"),
        },
      ),
  })
  .transform(withoutVersion);

const QuotaNode = z
  .strictObject({
    ...head("QuotaNode", quotaIdField<QuotaNodeId>()),
    spec: z
      .strictObject({
        parent: quotaIdField<QuotaNodeId>().nullable(),
        kind: z.enum(["province", "cloud", "department"]),
        cloud: idField<CloudId>().nullable().default(null),
        organization: idField<OrganizationId>().nullable().default(null),
        limits: z.partialRecord(resourceClass, quotaLimit),
      })
      .refine((node) => (node.kind === "province") === (node.parent === null), {
        path: ["parent"],
        ...reason("只有省级节点没有上级", "the province's node, and no other, has no parent"),
      })
      .refine((node) => (node.kind === "province") === (node.cloud === null), {
        path: ["cloud"],
        ...reason(
          "省级节点不属于任何云，其他节点必须填写云",
          "the province's node has no cloud, every other node names one",
        ),
      })
      .refine((node) => (node.kind === "department") === (node.organization !== null), {
        path: ["organization"],
        ...reason(
          "部门节点必须且只有部门节点填写机构",
          "a department's node, and no other, names an organization",
        ),
      }),
  })
  .transform(withoutVersion);

/** Prices in fen (0.01 CNY) for one unit of each class and month; every class is priced, if with 0. */
const PriceList = z
  .strictObject({
    ...head("PriceList", idField<PriceListId>()),
    spec: z.strictObject({
      effectiveFrom: date,
      currency: z.literal("CNY"),
      fenPerUnitMonth: z.record(resourceClass, quantity),
    }),
  })
  .transform(withoutVersion);

/** Every kind, in the order in which documents are applied: whatever is referred to comes first. */
export const DOCUMENT_SCHEMAS = {
  Jurisdiction,
  Organization,
  ApplicationSystem,
  Cloud,
  Pool,
  QuotaNode,
  PriceList,
} as const;

export type DocumentKind = keyof typeof DOCUMENT_SCHEMAS;
export type DocumentOf<Kind extends DocumentKind> = z.output<(typeof DOCUMENT_SCHEMAS)[Kind]>;
export type ProvinceDocument = { [Kind in DocumentKind]: DocumentOf<Kind> }[DocumentKind];

export type JurisdictionDocument = DocumentOf<"Jurisdiction">;
export type OrganizationDocument = DocumentOf<"Organization">;
export type SystemDocument = DocumentOf<"ApplicationSystem">;
export type CloudDocument = DocumentOf<"Cloud">;
export type PoolDocument = DocumentOf<"Pool">;
export type QuotaNodeDocument = DocumentOf<"QuotaNode">;
export type PriceListDocument = DocumentOf<"PriceList">;

export const DOCUMENT_KINDS: readonly DocumentKind[] = [
  "Jurisdiction",
  "Organization",
  "ApplicationSystem",
  "Cloud",
  "Pool",
  "QuotaNode",
  "PriceList",
];
