import { VERDICT_WORDS, VERDICTS } from "../../compliance/verdict.ts";
import type { Text } from "../../kernel/text.ts";
import { clausesOf } from "./clauses.ts";
import { basisText, shown } from "./columns.ts";
import type { Content, Entry } from "./content.ts";
import { PdfSheet } from "./pdf-sheet.ts";
import { METHOD, MODE_WORDS, SEVERITY_WORDS, SIGNATURES, STATUS_WORDS } from "./words.ts";

/** The report on paper: what fits into a binder; the tables hold every finding. */
export async function* asPdf(content: Content): AsyncGenerator<Uint8Array> {
  const { head, digest } = content;
  const sheet = new PdfSheet({
    title: `云衡合规报告 ${head.asOf}`,
    made: new Date(head.assessment.completedAt),
    foot: `云衡合规报告 ${head.scope} ${head.asOf} · ${digest.slice(0, 16)}`,
  });
  cover(sheet, content);
  sheet.page("一、范围与方法 Scope and method");
  for (const { zh, en } of METHOD) {
    sheet.text(zh);
    sheet.text(en, { faint: true });
    sheet.gap(0.5);
  }
  summaryPage(sheet, content);
  clausePages(sheet, content);
  findingPages(sheet, content);
  annexes(sheet, content);
  lastPage(sheet, content);
  sheet.end();
  for await (const chunk of sheet.document) yield chunk as Uint8Array;
}

function cover(sheet: PdfSheet, { head, summary, digest }: Content): void {
  sheet.page("");
  sheet.gap(8);
  sheet.heading("云衡政务云合规报告", 26);
  sheet.text("Yunheng government cloud: compliance report", { size: 13, faint: true });
  sheet.gap(3);
  sheet.pairs([
    ["范围 Scope", `${head.scopeName.zh} (${head.scope})`],
    ["框架 Framework", head.framework ?? "全部 All"],
    ["截至 As of", head.asOf],
    ["得分 Score", summary.score === null ? "—" : `${summary.score}%`],
    ["评估 Assessment", `${head.assessment.id}\n${head.assessment.completedAt}`],
    ["报告摘要 Digest", digest],
  ]);
  sheet.gap(3);
  sheet.text(head.disclaimer.zh);
  sheet.text(head.disclaimer.en, { faint: true });
}

function summaryPage(sheet: PdfSheet, { summary }: Content): void {
  sheet.page("二、总体情况 Summary");
  sheet.pairs([
    ["得分 Score", summary.score === null ? "—" : `${summary.score}%`],
    ["资源 Resources", String(summary.resources)],
    ["问题 Findings", String(summary.findings)],
    ["逾期 Overdue", String(summary.overdue)],
    ["已豁免 Exempted", String(summary.counts.exempted)],
  ]);
  sheet.heading("各结论的结果数 Results by verdict");
  sheet.bars(
    VERDICTS.map((verdict) => ({ label: VERDICT_WORDS[verdict].zh, value: summary.counts[verdict] })),
  );
  sheet.heading("各云得分（%） Score by cloud");
  sheet.bars(
    summary.clouds.flatMap(({ id, score }) => (score === null ? [] : [{ label: id, value: score }])),
  );
}

function clausePages(sheet: PdfSheet, { summary }: Content): void {
  sheet.page("三、逐条结论 Verdict by clause");
  sheet.table(
    ["标准 Standard", "条款 Clause", "规则 Rules", "结论 Verdict"],
    clausesOf(summary.controls).map(({ standard, clause, rules, verdict }) => [
      standard,
      clause,
      rules.join(", "),
      both(VERDICT_WORDS[verdict]),
    ]),
    [0.32, 0.18, 0.22, 0.28],
  );
  sheet.heading("各控制项 Controls");
  sheet.table(
    ["规则", "名称", "判定方式", ...VERDICTS.map((verdict) => VERDICT_WORDS[verdict].zh), "已豁免"],
    summary.controls.map(({ control, counts }) => [
      control.rule,
      control.title.zh,
      MODE_WORDS[control.assessment].zh,
      ...VERDICTS.map((verdict) => String(counts[verdict])),
      String(counts.exempted),
    ]),
    [0.1, 0.26, 0.16, 0.08, 0.08, 0.08, 0.08, 0.08, 0.08],
  );
}

function findingPages(sheet: PdfSheet, { summary, worst }: Content): void {
  sheet.page("四、问题与整改 Findings and remediation");
  const left = summary.findings - worst.length;
  if (left > 0) {
    sheet.text(`按严重程度列出 ${worst.length} 项，其余 ${left} 项见 XLSX 或 CSV。`);
    sheet.text(`The ${worst.length} most severe; ${left} more stand in the XLSX and CSV forms.`, {
      faint: true,
    });
  }
  if (worst.length === 0) sheet.text("无 None");
  for (const entry of worst) finding(sheet, entry);
}

function finding(sheet: PdfSheet, { control, resource, verdict, shortfalls, finding: known }: Entry): void {
  const place = [resource.organizationId, resource.cloudId].filter((part) => part !== null).join(" / ");
  sheet.heading(
    `${SEVERITY_WORDS[control.severity].zh} · ${control.rule} ${control.title.zh} · ${VERDICT_WORDS[verdict].zh}`,
    10,
  );
  sheet.text(`${resource.name}  ${resource.key}  ${place}`, { size: 8.5, faint: true });
  for (const { message, actual, required, error } of shortfalls) {
    sheet.text(
      `${message.zh}：实际 ${shown(actual)}，要求 ${shown(required)}${error === null ? "" : `（${error}）`}`,
      {
        size: 8.5,
      },
    );
  }
  sheet.text(`依据 ${basisText(control.basis)}`, { size: 8.5 });
  if (control.remediation !== null) sheet.text(`整改 ${control.remediation.zh}`, { size: 8.5 });
  if (known === null) return;
  const { status, owner, dueOn, firstSeenAt } = known;
  sheet.text(`${STATUS_WORDS[status].zh}，责任方 ${owner}，期限 ${dueOn}，首次发现 ${firstSeenAt}`, {
    size: 8.5,
  });
}

function annexes(sheet: PdfSheet, { summary }: Content): void {
  sheet.page("五、豁免与证据 Exemptions and evidence");
  sheet.heading("豁免 Exemptions");
  sheet.table(
    ["编号 Id", "类别 Category", "到期日 Last day", "控制项 Controls", "结果数 Results"],
    summary.exemptions.map((one) => [
      one.id,
      one.category,
      one.expiresOn,
      one.controls.join(", "),
      String(one.results),
    ]),
    [0.32, 0.14, 0.14, 0.28, 0.12],
  );
  if (summary.exemptions.length === 0) sheet.text("无 None");
  sheet.heading("证据 Evidence");
  sheet.table(
    ["控制项 Control", "文件 File", "SHA-256", "提交人 By", "有效至 Until"],
    summary.evidence.map((one) => [one.controlId, one.fileName, one.sha256, one.uploadedBy, one.validUntil]),
    [0.18, 0.22, 0.32, 0.14, 0.14],
  );
  if (summary.evidence.length === 0) sheet.text("无 None");
}

function lastPage(sheet: PdfSheet, { head, digest }: Content): void {
  sheet.page("六、签署与校验 Signatures and proof");
  sheet.table(
    ["", "姓名 Name", "签字 Signature", "日期 Date"],
    SIGNATURES.map((role) => [`${both(role)}\n\n`, "", "", ""]),
    [0.34, 0.22, 0.26, 0.18],
  );
  const { audit, assessment } = head;
  sheet.pairs([
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
  sheet.text("校验方法：yunheng report verify 文件 / To verify: yunheng report verify FILE");
  sheet.gap(1);
  sheet.text(head.disclaimer.zh);
  sheet.text(head.disclaimer.en, { faint: true });
}

function both({ zh, en }: Text): string {
  return `${zh} ${en}`;
}
