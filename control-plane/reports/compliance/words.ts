import type { FindingStatus } from "../../compliance/lifecycle.ts";
import type { Text } from "../../kernel/text.ts";
import type { PolicyAssessment, Severity } from "../../policy/schema.ts";

/** What printed forms say in both languages; tables keep to the codes. */
export const SEVERITY_WORDS: Readonly<Record<Severity, Text>> = {
  high: { zh: "高", en: "High" },
  medium: { zh: "中", en: "Medium" },
  low: { zh: "低", en: "Low" },
};

export const STATUS_WORDS: Readonly<Record<FindingStatus, Text>> = {
  open: { zh: "待处理", en: "Open" },
  acknowledged: { zh: "已确认", en: "Acknowledged" },
  in_remediation: { zh: "整改中", en: "In remediation" },
  resolved: { zh: "已关闭", en: "Resolved" },
  exempted: { zh: "已豁免", en: "Exempted" },
  reopened: { zh: "再次出现", en: "Reopened" },
};

export const MODE_WORDS: Readonly<Record<PolicyAssessment, Text>> = {
  automatic: { zh: "自动判定", en: "Automatic" },
  partial: { zh: "部分自动，其余凭证据", en: "Automatic in part, evidence for the rest" },
  attested: { zh: "凭证据", en: "By evidence" },
  out_of_scope: { zh: "不在系统判定范围内", en: "Out of scope" },
};

/** How the verdicts were come by. */
export const METHOD: readonly Text[] = [
  {
    zh: "事实取自各云平台实际呈现的状态（配额、网络隔离、虚拟机、所在资源池），而非申请内容；系统等级、机构和期限取自登记信息。",
    en: "Facts are what the clouds show (quotas, isolation of networks, machines, pools), not what was asked for; grades of systems, organizations and terms come from the registers.",
  },
  {
    zh: "每条规则对每个适用的资源给出结论：符合、部分符合、不符合、不适用、证据不足。无法计算的规则按不符合处理；云平台尚未呈现的资源为证据不足。",
    en: "Each rule has a verdict on each resource that it applies to: compliant, partially compliant, not compliant, not applicable, insufficient evidence. A rule that cannot be computed counts as not kept; a resource that its cloud has not shown lacks evidence.",
  },
  {
    zh: "需要证据的控制项，证据到期后恢复为证据不足。得分＝（符合＋部分符合×0.5）÷（符合＋部分符合＋不符合＋证据不足），不适用和已豁免的结果不计入。",
    en: "A control that asks for evidence lacks it again when the evidence has run out. Score = (compliant + half of partially compliant) / (compliant + partially + not compliant + insufficient evidence); what does not apply or is exempted is left out.",
  },
];

export const SIGNATURES: readonly Text[] = [
  { zh: "编制", en: "Prepared by" },
  { zh: "审核（安全管理员）", en: "Reviewed by (security administrator)" },
  { zh: "审计", en: "Audited by" },
  { zh: "批准", en: "Approved by" },
];
