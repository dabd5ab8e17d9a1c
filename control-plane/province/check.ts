import { checkQuotaTree } from "./check-quota.ts";
import type {
  CloudDocument,
  JurisdictionDocument,
  OrganizationDocument,
  PoolDocument,
  ProvinceDocument,
} from "./documents.ts";
import type { DocumentProblem } from "./problem.ts";
import { keyOf, ofKind, type Province, provinceOf, referenceKey } from "./province.ts";
import { parentOf, referencesOf } from "./references.ts";

/**
 * Checks that need more than one document. Each document must already satisfy its own schema.
 * Arithmetic over a tree makes sense only when the tree is whole, hence the two stages.
 */
export function checkDocuments(documents: readonly ProvinceDocument[]): DocumentProblem[] {
  const structural = [
    ...checkDuplicates(documents),
    ...checkReferences(documents),
    ...checkCycles(documents),
    ...checkZoneIds(documents),
  ];
  if (structural.length > 0) return structural;
  const province = provinceOf(documents);
  return [
    ...checkDivisions(province),
    ...checkClouds(province),
    ...checkPools(province),
    ...checkQuotaTree(province),
    ...checkPriceLists(province),
  ];
}

function checkDuplicates(documents: readonly ProvinceDocument[]): DocumentProblem[] {
  const seen = new Set<string>();
  const problems: DocumentProblem[] = [];
  for (const document of documents) {
    const key = keyOf(document);
    if (seen.has(key)) {
      problems.push({
        document,
        path: ["metadata", "id"],
        reason: { zh: `${key} 重复出现`, en: `${key} is defined twice` },
      });
    }
    seen.add(key);
  }
  return problems;
}

function checkReferences(documents: readonly ProvinceDocument[]): DocumentProblem[] {
  const known = new Set(documents.map(keyOf));
  return documents.flatMap((document) =>
    referencesOf(document)
      .filter(({ kind, id }) => !known.has(referenceKey(kind, id)))
      .map(({ path, kind, id }) => ({
        document,
        path,
        reason: { zh: `所引用的 ${kind} ${id} 不存在`, en: `there is no ${kind} ${id}` },
      })),
  );
}

function checkCycles(documents: readonly ProvinceDocument[]): DocumentProblem[] {
  const byKey = new Map(documents.map((document) => [keyOf(document), document]));
  const settled = new Set<string>();
  const problems: DocumentProblem[] = [];
  for (const start of documents) {
    const walk: string[] = [];
    let at: string | null = keyOf(start);
    while (at !== null && !settled.has(at) && !walk.includes(at)) {
      walk.push(at);
      const document = byKey.get(at);
      const parent = document === undefined ? null : parentOf(document);
      at = parent === null ? null : referenceKey(parent.kind, parent.id);
    }
    if (at !== null && walk.includes(at)) {
      const ring = [...walk.slice(walk.indexOf(at)), at].join(" → ");
      const document = byKey.get(at) ?? start;
      problems.push({
        document,
        path: ["spec", "parent"],
        reason: { zh: `上级关系成环：${ring}`, en: `the parents form a cycle: ${ring}` },
      });
    }
    for (const key of walk) settled.add(key);
  }
  return problems;
}

/** Zones live inside their cloud's document but are referred to from outside, so their ids are global. */
function checkZoneIds(documents: readonly ProvinceDocument[]): DocumentProblem[] {
  const seen = new Set<string>();
  const problems: DocumentProblem[] = [];
  for (const document of ofKind(documents, "Cloud")) {
    for (const [index, { id }] of document.spec.zones.entries()) {
      if (seen.has(id)) {
        problems.push({
          document,
          path: ["spec", "zones", index, "id"],
          reason: { zh: `网络区 ${id} 重复出现`, en: `zone ${id} is defined twice` },
        });
      }
      seen.add(id);
    }
  }
  return problems;
}

const LEVEL_RANK = { province: 0, city: 1, county: 2 } as const;

function checkDivisions(province: Province): DocumentProblem[] {
  const byCode = new Map<string, JurisdictionDocument>(province.jurisdictions.map((j) => [j.metadata.id, j]));
  const problems: DocumentProblem[] = [];
  for (const document of province.jurisdictions) {
    const parent = document.spec.parent === null ? undefined : byCode.get(document.spec.parent);
    if (parent !== undefined && LEVEL_RANK[parent.spec.level] >= LEVEL_RANK[document.spec.level]) {
      problems.push({
        document,
        path: ["spec", "parent"],
        reason: { zh: "上级区划的层级必须更高", en: "the parent division must be of a higher level" },
      });
    }
  }
  for (const document of province.organizations) {
    const level = byCode.get(document.spec.jurisdiction)?.spec.level;
    if (level !== undefined && level !== document.spec.level) {
      problems.push({
        document,
        path: ["spec", "level"],
        reason: {
          zh: `机构层级与区划 ${document.spec.jurisdiction} 的层级（${level}）不一致`,
          en: `the level differs from that of division ${document.spec.jurisdiction} (${level})`,
        },
      });
    }
  }
  return problems;
}

const OPERATORS: readonly OrganizationDocument["spec"]["kind"][] = ["csp", "operating_body"];

function checkClouds(province: Province): DocumentProblem[] {
  const organizations = new Map<string, OrganizationDocument>(
    province.organizations.map((organization) => [organization.metadata.id, organization]),
  );
  const levels = new Map<string, string>(province.jurisdictions.map((j) => [j.metadata.id, j.spec.level]));
  const problems: DocumentProblem[] = [];
  const provincial = province.clouds.filter((cloud) => cloud.spec.tier === "provincial");
  for (const document of provincial.slice(1)) {
    problems.push({
      document,
      path: ["spec", "tier"],
      reason: {
        zh: `省级政务云只能有一朵，已有 ${provincial[0]?.metadata.id}`,
        en: `there is already a provincial cloud, ${provincial[0]?.metadata.id}`,
      },
    });
  }
  for (const document of province.clouds) {
    const operator = organizations.get(document.spec.csp);
    if (operator !== undefined && !OPERATORS.includes(operator.spec.kind)) {
      problems.push({
        document,
        path: ["spec", "csp"],
        reason: {
          zh: `${document.spec.csp} 既不是云服务商，也不是运营单位`,
          en: `${document.spec.csp} is neither a cloud service provider nor an operating body`,
        },
      });
    }
    if (document.spec.tier === "municipal" && levels.get(document.spec.jurisdiction) !== "city") {
      problems.push({
        document,
        path: ["spec", "jurisdiction"],
        reason: { zh: "市级政务云必须属于一个市", en: "a municipal cloud belongs to a city" },
      });
    }
  }
  return problems;
}

function checkPools(province: Province): DocumentProblem[] {
  const clouds = new Map<string, CloudDocument>(province.clouds.map((cloud) => [cloud.metadata.id, cloud]));
  return province.pools.flatMap((pool) => {
    const cloud = clouds.get(pool.spec.cloud);
    return cloud === undefined ? [] : checkPool(pool, cloud);
  });
}

function checkPool(document: PoolDocument, cloud: CloudDocument): DocumentProblem[] {
  const problems: DocumentProblem[] = [];
  if (!cloud.spec.zones.some((zone) => zone.id === document.spec.zone)) {
    problems.push({
      document,
      path: ["spec", "zone"],
      reason: {
        zh: `云 ${cloud.metadata.id} 没有网络区 ${document.spec.zone}`,
        en: `cloud ${cloud.metadata.id} has no zone ${document.spec.zone}`,
      },
    });
  }
  if (document.spec.mlpsLevel > cloud.spec.mlpsLevel) {
    problems.push({
      document,
      path: ["spec", "mlpsLevel"],
      reason: {
        zh: `资源池等级高于云平台等级（${cloud.spec.mlpsLevel}）`,
        en: `a pool cannot rank above its cloud (level ${cloud.spec.mlpsLevel})`,
      },
    });
  }
  return problems;
}

function checkPriceLists(province: Province): DocumentProblem[] {
  const seen = new Set<string>();
  const problems: DocumentProblem[] = [];
  for (const document of province.priceLists) {
    if (seen.has(document.spec.effectiveFrom)) {
      problems.push({
        document,
        path: ["spec", "effectiveFrom"],
        reason: { zh: "已有同日生效的价目表", en: "another price list takes effect on the same day" },
      });
    }
    seen.add(document.spec.effectiveFrom);
  }
  return problems;
}
