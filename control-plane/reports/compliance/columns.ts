import { VERDICT_WORDS } from "../../compliance/verdict.ts";
import type { Text } from "../../kernel/text.ts";
import type { PolicyBasis } from "../../policy/schema.ts";
import type { Cell } from "../report.ts";
import type { ControlSummary, Entry, ExemptionUse, Summary } from "./content.ts";

/** One column of a table: its name in JSON's words, its title for people, its width in characters. */
export interface Column<Row> {
  readonly name: string;
  readonly title: Text;
  readonly width: number;
  readonly of: (row: Row) => Cell;
}

export const ENTRY_COLUMNS: readonly Column<Entry>[] = [
  column("framework", "框架", "Framework", 16, ({ control }) => control.framework),
  column("rule", "规则", "Rule", 10, ({ control }) => control.rule),
  column("controlId", "控制项", "Control", 24, ({ control }) => control.id),
  column("title", "名称", "Title", 40, ({ control }) => `${control.title.zh} ${control.title.en}`),
  column("basis", "依据", "Basis", 28, ({ control }) => basisText(control.basis)),
  column("severity", "严重程度", "Severity", 10, ({ control }) => control.severity),
  column("verdict", "结论", "Verdict", 12, ({ verdict }) => VERDICT_WORDS[verdict].zh),
  column("verdictCode", "结论代码", "Verdict code", 20, ({ verdict }) => verdict),
  column("resource", "资源", "Resource", 36, ({ resource }) => resource.key),
  column("resourceName", "资源名称", "Name", 28, ({ resource }) => resource.name),
  column("organizationId", "机构", "Organization", 20, ({ resource }) => resource.organizationId),
  column("systemName", "业务系统", "System", 24, ({ resource }) => resource.systemName),
  column("cloudId", "云", "Cloud", 16, ({ resource }) => resource.cloudId),
  column("found", "实际情况", "Found", 40, ({ shortfalls }) =>
    shortfalls.map(({ message, actual }) => `${message.zh} (${shown(actual)})`).join("; "),
  ),
  column("required", "要求", "Required", 24, ({ shortfalls }) =>
    shortfalls.map(({ required }) => shown(required)).join("; "),
  ),
  column("remediation", "整改建议", "Remediation", 40, ({ control }) => control.remediation?.zh ?? null),
  column("findingId", "问题编号", "Finding", 30, ({ finding }) => finding?.id ?? null),
  column("status", "状态", "Status", 16, ({ finding }) => finding?.status ?? null),
  column("owner", "责任方", "Owner", 24, ({ finding }) => finding?.owner ?? null),
  column("assignee", "承办", "Assignee", 16, ({ finding }) => finding?.assignee ?? null),
  column("dueOn", "整改期限", "Due", 12, ({ finding }) => finding?.dueOn ?? null),
  column("firstSeenAt", "首次发现", "First seen", 24, ({ finding }) => finding?.firstSeenAt ?? null),
  column("lastSeenAt", "最近发现", "Last seen", 24, ({ seenAt }) => seenAt),
  column("exemption", "豁免", "Exemption", 24, ({ exemption }) => exemption?.id ?? null),
];

export const CONTROL_COLUMNS: readonly Column<ControlSummary>[] = [
  column("framework", "框架", "Framework", 16, ({ control }) => control.framework),
  column("rule", "规则", "Rule", 10, ({ control }) => control.rule),
  column("controlId", "控制项", "Control", 24, ({ control }) => control.id),
  column("version", "版本", "Version", 8, ({ control }) => control.version),
  column("title", "名称", "Title", 40, ({ control }) => `${control.title.zh} ${control.title.en}`),
  column("basis", "依据", "Basis", 28, ({ control }) => basisText(control.basis)),
  column("assessment", "判定方式", "Assessment", 14, ({ control }) => control.assessment),
  column("verdict", "结论", "Verdict", 12, ({ verdict }) => VERDICT_WORDS[verdict].zh),
  column("pass", "符合", "Compliant", 10, ({ counts }) => counts.pass),
  column("partial", "部分符合", "Partial", 10, ({ counts }) => counts.partial),
  column("fail", "不符合", "Not compliant", 10, ({ counts }) => counts.fail),
  column("notApplicable", "不适用", "Not applicable", 10, ({ counts }) => counts.not_applicable),
  column("insufficient", "证据不足", "No evidence", 10, ({ counts }) => counts.insufficient_evidence),
  column("exempted", "已豁免", "Exempted", 10, ({ counts }) => counts.exempted),
];

export const EVIDENCE_COLUMNS: readonly Column<Summary["evidence"][number]>[] = [
  column("id", "编号", "Id", 30, ({ id }) => id),
  column("controlId", "控制项", "Control", 24, ({ controlId }) => controlId),
  column("coverage", "适用范围", "Coverage", 24, ({ coverage }) => `${coverage.kind}:${coverage.id}`),
  column("fileName", "文件", "File", 32, ({ fileName }) => fileName),
  column("sha256", "摘要", "SHA-256", 66, ({ sha256 }) => sha256),
  column("uploadedBy", "提交人", "Handed in by", 16, ({ uploadedBy }) => uploadedBy),
  column("uploadedAt", "提交时间", "Handed in", 24, ({ uploadedAt }) => uploadedAt),
  column("validFrom", "有效自", "Valid from", 12, ({ validFrom }) => validFrom),
  column("validUntil", "有效至", "Valid until", 12, ({ validUntil }) => validUntil),
];

export const EXEMPTION_COLUMNS: readonly Column<ExemptionUse>[] = [
  column("id", "编号", "Id", 30, ({ id }) => id),
  column("category", "类别", "Category", 12, ({ category }) => category),
  column("expiresOn", "到期日", "Last day", 12, ({ expiresOn }) => expiresOn),
  column("controls", "控制项", "Controls", 40, ({ controls }) => controls.join("; ")),
  column("results", "豁免结果数", "Results excused", 12, ({ results }) => results),
];

function column<Row>(
  name: string,
  zh: string,
  en: string,
  width: number,
  of: (row: Row) => Cell,
): Column<Row> {
  return { name, title: { zh, en }, width, of };
}

export function basisText(basis: readonly PolicyBasis[]): string {
  return basis.map(({ standard, clause }) => [standard, clause].filter(Boolean).join(" ")).join("; ");
}

export function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
