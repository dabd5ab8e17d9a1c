import { html, raw } from "hono/html";
import { VERDICT_WORDS, VERDICTS } from "../../compliance/verdict.ts";
import type { Text } from "../../kernel/text.ts";
import { barsSvg } from "./bars.ts";
import { clausesOf } from "./clauses.ts";
import { basisText, shown } from "./columns.ts";
import type { Content, Entry } from "./content.ts";
import { METHOD, MODE_WORDS, SEVERITY_WORDS, SIGNATURES, STATUS_WORDS } from "./words.ts";

type Html = ReturnType<typeof html>;

/** A page to be printed; every value is escaped by the template. */
export async function* asHtml(content: Content): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(String(await page(content)));
}

function page(content: Content): Html {
  const { head, summary, worst, digest } = content;
  const left = summary.findings - worst.length;
  return html`<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>合规报告 ${head.asOf}</title><style>${raw(STYLE)}</style></head>
<body>
<header>
<h1>云衡合规报告<small>Yunheng compliance report</small></h1>
${pairs([
  ["范围 Scope", `${head.scopeName.zh} (${head.scope})`],
  ["框架 Framework", head.framework ?? "全部 All"],
  ["截至 As of", head.asOf],
  ["评估 Assessment", `${head.assessment.id}, ${head.assessment.completedAt}`],
  ["报告摘要 Digest", digest],
])}
<p class="note">${head.disclaimer.zh}</p><p class="note">${head.disclaimer.en}</p>
</header>
<section><h2>一、方法 Method</h2>${METHOD.map((text) => both(text))}</section>
<section><h2>二、总体情况 Summary</h2>
${pairs([
  ["得分 Score", summary.score === null ? "—" : `${summary.score}%`],
  ["资源 Resources", String(summary.resources)],
  ["问题 Findings", String(summary.findings)],
  ["逾期 Overdue", String(summary.overdue)],
])}
${raw(barsSvg(VERDICTS.map((verdict) => ({ label: VERDICT_WORDS[verdict].zh, value: summary.counts[verdict] }))))}
${raw(barsSvg(summary.clouds.flatMap(({ id, score }) => (score === null ? [] : [{ label: id, value: score }]))))}
</section>
<section><h2>三、逐条结论 Verdict by clause</h2>
${table(
  ["标准 Standard", "条款 Clause", "规则 Rules", "结论 Verdict"],
  clausesOf(summary.controls).map((one) => [
    one.standard,
    one.clause,
    one.rules.join(", "),
    bothOf(VERDICT_WORDS[one.verdict]),
  ]),
)}
${table(
  [
    "规则 Rule",
    "控制项 Control",
    "判定方式 Assessment",
    ...VERDICTS.map((verdict) => VERDICT_WORDS[verdict].zh),
    "已豁免",
  ],
  summary.controls.map(({ control, counts }) => [
    control.rule,
    bothOf(control.title),
    MODE_WORDS[control.assessment].zh,
    ...VERDICTS.map((verdict) => String(counts[verdict])),
    String(counts.exempted),
  ]),
)}
</section>
<section><h2>四、问题与整改 Findings and remediation</h2>
${left > 0 ? html`<p class="note">按严重程度列出 ${worst.length} 项，其余 ${left} 项见 XLSX 或 CSV。The ${worst.length} most severe; ${left} more stand in the XLSX and CSV forms.</p>` : ""}
${worst.map(finding)}
</section>
<section><h2>五、豁免 Exemptions</h2>
${table(
  ["编号 Id", "类别 Category", "到期日 Last day", "控制项 Controls", "结果数 Results"],
  summary.exemptions.map((one) => [
    one.id,
    one.category,
    one.expiresOn,
    one.controls.join(", "),
    String(one.results),
  ]),
)}</section>
<section><h2>六、证据 Evidence</h2>
${table(
  ["控制项 Control", "文件 File", "SHA-256", "提交人 By", "有效至 Until"],
  summary.evidence.map((one) => [one.controlId, one.fileName, one.sha256, one.uploadedBy, one.validUntil]),
)}</section>
<section><h2>七、签署 Signatures</h2>
${table(
  ["", "姓名 Name", "签字 Signature", "日期 Date"],
  SIGNATURES.map((role) => [bothOf(role), "", "", ""]),
)}</section>
<section><h2>八、摘要与审计检查点 Digest and audit checkpoint</h2>${proof(content)}</section>
</body></html>
`;
}

function finding({ control, resource, verdict, shortfalls, finding: known }: Entry): Html {
  return html`<article><h3>${SEVERITY_WORDS[control.severity].zh} · ${control.rule} ${control.title.zh} · ${VERDICT_WORDS[verdict].zh}</h3>
<p>${resource.name} <code>${resource.key}</code> ${resource.organizationId ?? ""} ${resource.cloudId ?? ""}</p>
<ul>${shortfalls.map(
    ({ message, actual, required, error }) =>
      html`<li>${message.zh}：实际 ${shown(actual)}，要求 ${shown(required)}${error === null ? "" : html` <em>${error}</em>`}</li>`,
  )}</ul>
<p>依据 ${basisText(control.basis)}</p>
${control.remediation === null ? "" : html`<p>整改 ${control.remediation.zh}</p>`}
${known === null ? "" : html`<p>${STATUS_WORDS[known.status].zh}，责任方 ${known.owner}，期限 ${known.dueOn}，首次发现 ${known.firstSeenAt}</p>`}
</article>`;
}

function proof({ head, digest }: Content): Html {
  const { audit, assessment } = head;
  return pairs([
    ["报告摘要 Report digest", digest],
    ["评估结果摘要 Results digest", assessment.resultsDigest],
    ["评估输入摘要 Input digest", assessment.inputDigest],
    ["策略摘要 Policy digest", head.policyDigest],
    ["审计链 Audit chain", audit === null ? "尚未封存 not sealed yet" : `${audit.seq} ${audit.hash}`],
    [
      "检查点 Checkpoint",
      audit?.checkpoint == null ? "—" : `${audit.checkpoint.seq} ${audit.checkpoint.hash}`,
    ],
  ]);
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): Html {
  if (rows.length === 0) return html`<p>无 None</p>`;
  return html`<table><thead><tr>${titles.map((title) => html`<th>${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody></table>`;
}

function pairs(rows: readonly (readonly [string, string])[]): Html {
  return html`<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function both({ zh, en }: Text): Html {
  return html`<p>${zh}<br><span lang="en">${en}</span></p>`;
}

function bothOf({ zh, en }: Text): string {
  return `${zh} ${en}`;
}

const STYLE = `
@page { size: A4; margin: 18mm }
body { font: 10.5pt/1.5 "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif; max-width: 190mm; margin: auto }
header, section { break-after: page } section:last-child { break-after: auto }
h1 small { display: block; font-size: 60% } h3 { font-size: 105%; margin-bottom: 0 }
table { border-collapse: collapse; width: 100% } th, td { border: .5pt solid #888; padding: 2pt 4pt; text-align: left; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2pt 12pt } dd { margin: 0; overflow-wrap: anywhere }
article { break-inside: avoid; border-top: .5pt solid #ccc } .note { color: #444; border-left: 2pt solid #888; padding-left: 6pt }
`;
