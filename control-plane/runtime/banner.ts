import type { AdministratorToken } from "./first-start.ts";

/** What a person sees on the terminal once everything runs. */
export function banner(url: string, token: AdministratorToken | null): string {
  const lines = [
    "",
    "云衡 Yunheng",
    `  控制台 console        ${url}/`,
    `  接口文档 API reference ${url}/docs`,
  ];
  if (token?.secret != null) {
    lines.push(`  管理员令牌 administrator token (shown once): ${token.secret}`);
  }
  if (token?.file != null) lines.push(`  令牌文件 token file     ${token.file}`);
  return [...lines, ""].join("\n");
}
