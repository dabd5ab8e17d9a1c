import { RATIO_UNIT } from "../kernel/quantity.ts";
import type { Change } from "./plan.ts";

const MARKS = { create: "+", change: "~", delete: "-" } as const;

/** The plan as a person reads it before agreeing: one line per change, one per field, a summary at the end. */
export function formatPlan(changes: readonly Change[]): string {
  if (changes.length === 0) return "没有变更 / No changes\n";
  const lines = changes.flatMap((change) => {
    const { name } = (change.action === "delete" ? change.before : change.after).metadata;
    const fields =
      change.action === "change"
        ? change.differences.map(
            ({ path, before, after }) =>
              `    ${asWritten(path)}: ${shown(path, before)} → ${shown(path, after)}`,
          )
        : [];
    return [`${MARKS[change.action]} ${change.kind} ${change.id}  ${name.zh} / ${name.en}`, ...fields];
  });
  const count = (action: Change["action"]) => changes.filter((change) => change.action === action).length;
  const [create, change, remove] = [count("create"), count("change"), count("delete")];
  lines.push(
    "",
    `计划：新增 ${create}，变更 ${change}，删除 ${remove} / Plan: ${create} to create, ${change} to change, ${remove} to delete`,
  );
  return `${lines.join("\n")}\n`;
}

/** Kept in thousandths, written as a ratio. */
const RATIO = /\.allocationRatioMilli$/;

function asWritten(path: string): string {
  return path.replace(RATIO, ".allocationRatio");
}

/** JSON, which also escapes control characters that could rewrite the terminal. */
function shown(path: string, value: unknown): string {
  if (value === null) return "∅";
  return JSON.stringify(RATIO.test(path) && typeof value === "number" ? value / RATIO_UNIT : value);
}
