/** The forms of a compliance report; OSCAL is NIST's JSON for assessment results. */
export const COMPLIANCE_FORMATS = ["json", "csv", "xlsx", "oscal", "html", "pdf"] as const;
export type ComplianceFormat = (typeof COMPLIANCE_FORMATS)[number];
