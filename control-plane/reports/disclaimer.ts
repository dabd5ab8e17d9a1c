import type { Text } from "../kernel/text.ts";

/** Stands in every compliance report: keeping rules is less than being certified. */
export const DISCLAIMER: Text = {
  zh: "本报告只说明各租户目前是否符合系统内的规则。符合规则不等于通过等级保护测评、密码应用安全性评估或其他法定认证。",
  en: "This report only says which of the system's rules each tenancy keeps at present. Keeping them is not a certification: it replaces neither a graded-protection test nor a cryptography assessment nor any other assessment that the law asks for.",
};
