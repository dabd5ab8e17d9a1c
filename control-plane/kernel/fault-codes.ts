import type { Text } from "./text.ts";

interface FaultCode {
  readonly status: number;
  readonly title: Text;
}

/**
 * Every code that the API can answer. Codes are permanent: add at the end of a group,
 * never rename, never reuse (`tests/architecture/fault-codes.golden.txt` guards it).
 */
export const FAULT_CODES = {
  "auth.token_missing": { status: 401, title: { zh: "缺少访问令牌", en: "Access token missing" } },
  "auth.token_invalid": { status: 401, title: { zh: "访问令牌无效", en: "Access token invalid" } },
  "auth.token_expired": { status: 401, title: { zh: "访问令牌已过期", en: "Access token expired" } },
  "auth.forbidden": { status: 403, title: { zh: "没有执行此操作的权限", en: "Not permitted" } },
  "auth.duties_conflict": {
    status: 409,
    title: { zh: "三员角色不得由同一账号兼任", en: "The three administrator roles exclude each other" },
  },
  "auth.self_approval": {
    status: 403,
    title: { zh: "申请人不得审批自己的申请", en: "The submitter may not approve" },
  },

  "http.malformed_json": { status: 400, title: { zh: "请求体不是合法的 JSON", en: "Malformed JSON" } },
  "http.invalid_input": { status: 400, title: { zh: "请求内容不符合要求", en: "Invalid input" } },
  "http.not_found": { status: 404, title: { zh: "资源不存在", en: "Not found" } },
  "http.method_not_allowed": { status: 405, title: { zh: "不支持此请求方法", en: "Method not allowed" } },
  "http.unsupported_media_type": {
    status: 415,
    title: { zh: "请求体必须是 application/json", en: "The body must be application/json" },
  },
  "http.body_too_large": { status: 413, title: { zh: "请求体过大", en: "Body too large" } },
  "http.rate_limited": { status: 429, title: { zh: "请求过于频繁", en: "Too many requests" } },
  "http.precondition_required": {
    status: 428,
    title: { zh: "修改需要 If-Match 请求头", en: "A change needs the If-Match header" },
  },
  "http.precondition_failed": {
    status: 412,
    title: { zh: "资源已被他人修改", en: "The resource has changed since it was read" },
  },
  "http.idempotency_mismatch": {
    status: 422,
    title: { zh: "同一 Idempotency-Key 的请求内容不同", en: "Idempotency-Key was used with another body" },
  },
  "http.invalid_cursor": { status: 400, title: { zh: "分页游标无效", en: "Invalid cursor" } },
  "http.malformed_request": { status: 400, title: { zh: "HTTP 请求不合法", en: "Malformed HTTP request" } },
  "http.headers_too_large": { status: 431, title: { zh: "请求头过大", en: "Request headers too large" } },
  "http.request_timeout": { status: 408, title: { zh: "请求接收超时", en: "The request took too long" } },
  "internal.unexpected": { status: 500, title: { zh: "系统内部错误", en: "Internal error" } },
  "internal.shutting_down": { status: 503, title: { zh: "服务正在停止", en: "Shutting down" } },
  "database.unavailable": { status: 503, title: { zh: "数据库暂不可用", en: "Database unavailable" } },
  "database.busy": { status: 503, title: { zh: "数据库繁忙，请稍后重试", en: "Database busy, try again" } },
  "decision.timeout": {
    status: 503,
    title: { zh: "未能在时限内作出决定，并非资源不足", en: "No decision in time; this is not a shortage" },
  },

  "organization.cycle": {
    status: 409,
    title: { zh: "组织机构层级成环", en: "Organization tree would have a cycle" },
  },
  "organization.unknown": { status: 422, title: { zh: "组织机构不存在", en: "Unknown organization" } },
  "system.unknown": { status: 422, title: { zh: "业务系统不存在", en: "Unknown application system" } },
  "system.mismatch": {
    status: 422,
    title: { zh: "业务系统的等级与登记不符", en: "The system is registered with another level" },
  },
  "cloud.second_provincial": {
    status: 409,
    title: { zh: "只能有一朵省级政务云", en: "There can be only one provincial cloud" },
  },
  "cloud.connection_invalid": {
    status: 422,
    title: { zh: "连接信息不完整或不合要求", en: "Connection and credential do not fit together" },
  },
  "cloud.connection_failed": {
    status: 422,
    title: { zh: "使用该凭证连接云失败", en: "The cloud does not answer with this credential" },
  },
  "cloud.unsupported": {
    status: 409,
    title: { zh: "该云不支持此操作", en: "The cloud cannot do this" },
  },
  "cloud.unknown": { status: 422, title: { zh: "云不存在", en: "Unknown cloud" } },

  "quota.exceeded": { status: 409, title: { zh: "超出配额", en: "Quota exceeded" } },
  "quota.unknown_node": { status: 422, title: { zh: "配额节点不存在", en: "Unknown quota node" } },
  "quota.over_limit": {
    status: 409,
    title: { zh: "新限额低于已用量", en: "The new limit is below what is in use" },
  },
  "quota.cycle": {
    status: 409,
    title: { zh: "配额节点层级成环", en: "Quota tree would have a cycle" },
  },
  "quota.invalid_parent": {
    status: 422,
    title: { zh: "该节点不能作为上级", en: "Not a possible parent of this quota node" },
  },
  "capacity.exceeded": { status: 409, title: { zh: "资源池容量不足", en: "Pool capacity exceeded" } },
  "capacity.over_limit": {
    status: 409,
    title: { zh: "新容量低于已用量或已承诺量", en: "The new capacity is below what is in use or promised" },
  },
  "commitment.no_room": {
    status: 409,
    title: { zh: "所承诺的时段内容量不足", en: "The capacity cannot be promised for that time" },
  },
  "commitment.in_the_way": {
    status: 409,
    title: { zh: "与已作出的容量承诺冲突", en: "A commitment is in the way" },
  },
  "commitment.invalid_transition": {
    status: 409,
    title: { zh: "承诺当前状态不允许此操作", en: "Not possible in the commitment's present status" },
  },
  "hold.expired": { status: 409, title: { zh: "预占已过期", en: "The hold has expired" } },

  "request.invalid_transition": {
    status: 409,
    title: { zh: "当前状态不允许此操作", en: "Not possible in the present state" },
  },
  "request.plan_stale": {
    status: 409,
    title: { zh: "所批准的方案不是当前方案", en: "The approved plan is not the current plan" },
  },
  "request.plan_drifted": {
    status: 409,
    title: {
      zh: "政策、位置或价格已变化，方案已重新生成",
      en: "Policy, placement or price drifted; re-planned",
    },
  },
  "request.duplicate": {
    status: 409,
    title: { zh: "同一系统已有未完成的相同申请", en: "An equal request is already open" },
  },
  "request.already_approved_by_you": {
    status: 409,
    title: { zh: "同一人不得重复审批", en: "The same person may not approve twice" },
  },
  "tenancy.invalid_transition": {
    status: 409,
    title: { zh: "租户当前状态不允许此操作", en: "Not possible in the tenancy's present state" },
  },
  "tenancy.change_in_progress": {
    status: 409,
    title: { zh: "租户已有进行中的变更", en: "Another change of this tenancy is in progress" },
  },
  "tenancy.already_confirmed": {
    status: 409,
    title: { zh: "该方或本人已经确认", en: "This party, or you, has confirmed already" },
  },
  "operation.not_retryable": {
    status: 409,
    title: { zh: "该作业不可重试", en: "This operation cannot be retried" },
  },
  "generation.conflict": {
    status: 409,
    title: { zh: "数据已被并发修改，请重试", en: "Changed concurrently, try again" },
  },
  "tenancy.not_drifted": {
    status: 409,
    title: { zh: "租户与批复一致，无需修复", en: "The tenancy is as it was granted" },
  },
  "finding.not_removable": {
    status: 409,
    title: {
      zh: "只有本系统遗留的租户可由本系统删除",
      en: "Only what this installation has left behind can be removed by it",
    },
  },
  "finding.resolved": { status: 409, title: { zh: "该发现已消除", en: "The finding is resolved already" } },
  "report.unknown_format": { status: 400, title: { zh: "不支持的报表格式", en: "Unknown report format" } },
  "report.unknown_framework": {
    status: 400,
    title: { zh: "没有这个合规框架", en: "There is no such framework" },
  },
  "report.no_assessment": {
    status: 409,
    title: { zh: "截至该日尚无合规评估", en: "Nothing had been assessed by that day" },
  },
  "report.future": { status: 400, title: { zh: "不能出具未来日期的报告", en: "The day has not come yet" } },
  "compliance.finding_transition": {
    status: 409,
    title: { zh: "合规问题的当前状态不允许此操作", en: "Not possible in the finding's present state" },
  },
  "compliance.own_finding": {
    status: 403,
    title: {
      zh: "管运分离的云不得由运营方关闭自己的合规问题",
      en: "The operator of a separated cloud may not close findings about it",
    },
  },
  "compliance.assessment_open": {
    status: 409,
    title: { zh: "已有评估在等待或进行中", en: "An assessment is waiting or under way already" },
  },
  "compliance.unknown_control": { status: 422, title: { zh: "没有这条控制项", en: "Unknown control" } },
  "compliance.not_attested": {
    status: 422,
    title: { zh: "该控制项完全由配置判定，不收证据", en: "The control is proven by configuration alone" },
  },
  "compliance.evidence_empty": { status: 400, title: { zh: "证据文件为空", en: "The evidence is empty" } },
  "token.unknown_scope": { status: 422, title: { zh: "授权范围不存在", en: "Unknown scope" } },
  "token.account_exists": {
    status: 409,
    title: {
      zh: "账号已存在，且授权或所属机构不同",
      en: "The account exists with other grants or another organization",
    },
  },

  "province.invalid": { status: 422, title: { zh: "省级数据文件无效", en: "Invalid province documents" } },
  "province.in_use": {
    status: 409,
    title: { zh: "仍在使用，不能删除或改动", en: "Still in use, cannot be deleted or moved" },
  },
  "province.conflict": {
    status: 409,
    title: { zh: "数据库约束不允许此变更", en: "A constraint of the database forbids the change" },
  },

  "policy.yaml_invalid": {
    status: 422,
    title: { zh: "策略文件不是合法的 YAML", en: "The policy is not valid YAML" },
  },
  "policy.yaml_bomb": {
    status: 422,
    title: { zh: "策略文件嵌套过深或引用过多", en: "The policy nests too deeply or has too many aliases" },
  },
  "policy.document_invalid": {
    status: 422,
    title: { zh: "策略文件不符合格式", en: "The policy does not have the form of one" },
  },
  "policy.unknown_field": {
    status: 422,
    title: { zh: "策略文件含有未知字段", en: "The policy has an unknown field" },
  },
  "policy.expression_invalid": {
    status: 422,
    title: { zh: "策略表达式无效", en: "An expression of the policy is invalid" },
  },
  "policy.unknown_fact": {
    status: 422,
    title: { zh: "策略表达式引用了未知事实", en: "An expression names an unknown fact" },
  },
  "policy.expression_costly": {
    status: 422,
    title: { zh: "策略表达式过于复杂", en: "An expression costs too much" },
  },
  "policy.pattern_refused": {
    status: 422,
    title: { zh: "正则表达式不被接受", en: "A regular expression is refused" },
  },
  "policy.clash": { status: 409, title: { zh: "与其他策略冲突", en: "The policy clashes with another one" } },
  "policy.duplicate_id": { status: 409, title: { zh: "策略标识重复", en: "Two policies have the same id" } },
  "policy.inheritance_cycle": {
    status: 409,
    title: { zh: "策略继承成环", en: "The inheritance of policies would have a cycle" },
  },
  "policy.inheritance_invalid": {
    status: 422,
    title: { zh: "策略继承无效", en: "The policy cannot inherit from that one" },
  },
  "policy.loosens": {
    status: 409,
    title: { zh: "下级策略不得放宽上级策略", en: "A lower level may tighten, never loosen" },
  },
  "policy.version_immutable": {
    status: 409,
    title: { zh: "该版本已启用，不可修改", en: "This version was activated and cannot be changed" },
  },
  "policy.version_not_newer": {
    status: 409,
    title: { zh: "版本号必须大于已启用的版本", en: "The version must be above every activated one" },
  },
  "policy.invalid_transition": {
    status: 409,
    title: { zh: "策略当前状态不允许此操作", en: "Not possible in the policy's present status" },
  },
  "policy.has_heirs": {
    status: 409,
    title: { zh: "仍有策略继承该策略", en: "Other policies inherit from this one" },
  },
  "exemption.too_long": {
    status: 422,
    title: { zh: "豁免期限超过上限", en: "The exemption lasts longer than is allowed" },
  },
  "exemption.approver_missing": {
    status: 422,
    title: { zh: "豁免缺少有权限的审批人", en: "The exemption names nobody who may approve it" },
  },
  "exemption.not_applicable": {
    status: 422,
    title: { zh: "豁免不适用于该策略", en: "The exemption cannot be applied to the policy" },
  },
  "exemption.invalid_transition": {
    status: 409,
    title: { zh: "豁免当前状态不允许此操作", en: "Not possible in the exemption's present status" },
  },
  "decision.unknown_facts": {
    status: 409,
    title: { zh: "该决定未留存事实，无法复核", en: "The facts of this decision were not kept" },
  },
} as const satisfies Record<string, FaultCode>;

export type FaultCodeName = keyof typeof FAULT_CODES;
