import type { SourceFile } from "./parse.ts";

/** The smallest province that uses every kind; tests change one line of it at a time. */
const SMALL = `# A province for tests.
apiVersion: yunheng/v1
kind: Jurisdiction
metadata: { id: "440000", name: { zh: 广东省, en: Guangdong } }
spec: { level: province, parent: null, latitude: 23.13, longitude: 113.27 }
---
apiVersion: yunheng/v1
kind: Jurisdiction
metadata: { id: "440300", name: { zh: 深圳市, en: Shenzhen } }
spec: { level: city, parent: "440000", latitude: 22.54, longitude: 114.06 }
---
apiVersion: yunheng/v1
kind: Organization
metadata: { id: gd, name: { zh: 广东省人民政府, en: Government } }
spec: { parent: null, kind: government, level: province, jurisdiction: "440000" }
---
apiVersion: yunheng/v1
kind: Organization
metadata: { id: gd-hrss, name: { zh: 人社厅, en: HRSS } }
spec: { parent: gd, kind: department, level: province, jurisdiction: "440000", sector: social-security }
---
apiVersion: yunheng/v1
kind: Organization
metadata: { id: csp-a, name: { zh: 云服务商, en: Provider } }
spec: { parent: null, kind: csp, level: province, jurisdiction: "440000" }
---
apiVersion: yunheng/v1
kind: ApplicationSystem
metadata: { id: insurance, name: { zh: 社保系统, en: Insurance } }
spec: { organization: gd-hrss, mlpsLevel: 3, dataClass: important, filingNo: 44000099001-00001 }
---
apiVersion: yunheng/v1
kind: Cloud
metadata: { id: main, name: { zh: 省级云, en: Main } }
spec:
  tier: provincial
  jurisdiction: "440300"
  csp: csp-a
  country: CN
  operationsCountry: CN
  mlpsLevel: 3
  operatingModel: separated
  securityAssessmentValidUntil: 2028-06-30
  provider: { kind: simulated, connection: {} }
  zones:
    - { id: main-extranet, kind: extranet, name: { zh: 外网区, en: Extranet } }
---
apiVersion: yunheng/v1
kind: Pool
metadata: { id: main-kunpeng, name: { zh: 鲲鹏池, en: Kunpeng } }
spec:
  cloud: main
  zone: main-extranet
  architecture: kunpeng
  mlpsLevel: 3
  dedicated: false
  tenantIsolation: true
  encryption: true
  faultDomains: 3
  traits: [xinchuang, "cpu:kunpeng"]
  inventories:
    VCPU: { total: 100, reserved: 20, minUnit: 1, maxUnit: 50, stepSize: 1, allocationRatio: 1.5 }
---
apiVersion: yunheng/v1
kind: QuotaNode
metadata: { id: gd, name: { zh: 全省, en: Province } }
spec: { parent: null, kind: province, limits: {} }
---
apiVersion: yunheng/v1
kind: QuotaNode
metadata: { id: gd.main, name: { zh: 省级云, en: Main } }
spec:
  parent: gd
  kind: cloud
  cloud: main
  limits: { VCPU: { nominal: 60, borrowingLimit: 0, lendingLimit: 0 } }
---
apiVersion: yunheng/v1
kind: QuotaNode
metadata: { id: gd.main.gd-hrss, name: { zh: 人社厅, en: HRSS } }
spec:
  parent: gd.main
  kind: department
  cloud: main
  organization: gd-hrss
  limits: { VCPU: { nominal: 40, borrowingLimit: null, lendingLimit: 40 } }
---
apiVersion: yunheng/v1
kind: PriceList
metadata: { id: prices, name: { zh: 价目, en: Prices } }
spec:
  effectiveFrom: 2026-01-01
  currency: CNY
  fenPerUnitMonth: { VCPU: 4500, MEMORY_GIB: 1800, BLOCK_STORAGE_GIB: 30, OBJECT_STORAGE_GIB: 8, PUBLIC_IPV4: 2500, BANDWIDTH_MBPS: 3000, GPU: 380000 }
`;

/** The small province with one text replaced; a text that does not occur exactly once is a mistake of the test. */
export function smallProvince(from = "", to = ""): SourceFile[] {
  if (from !== "" && SMALL.split(from).length !== 2)
    throw new Error(`not exactly once in the fixture: ${from}`);
  return [{ name: "small.yaml", text: from === "" ? SMALL : SMALL.replace(from, () => to) }];
}

/** The small province and a second file. */
export function smallProvinceWith(text: string): SourceFile[] {
  return [...smallProvince(), { name: "more.yaml", text }];
}
