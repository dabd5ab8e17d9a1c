import { z } from "@hono/zod-openapi";
import { CountsWire, Severity } from "../../compliance/wire.ts";
import { text } from "../../kernel/input.ts";

const Verdict = z.enum(["pass", "partial", "fail", "not_applicable", "insufficient_evidence"]);
const Run = z.object({ id: z.string(), resultsDigest: z.string() });

/** The JSON form, for the API document. */
export const ComplianceReport = z
  .object({
    report: z.literal("compliance"),
    framework: z.string().nullable(),
    scope: z.string(),
    scopeName: text,
    asOf: z.iso.date(),
    assessment: Run.extend({ day: z.iso.date(), completedAt: z.iso.datetime(), inputDigest: z.string() }),
    changes: z.array(Run),
    policyDigest: z.string(),
    audit: z
      .object({
        seq: z.int(),
        hash: z.string(),
        checkpoint: z.object({ seq: z.int(), hash: z.string(), signature: z.string() }).nullable(),
      })
      .nullable(),
    disclaimer: text,
    summary: z.object({
      resources: z.int(),
      counts: CountsWire,
      score: z.number().nullable(),
      controls: z.array(
        z.object({
          control: z.object({
            id: z.string(),
            framework: z.string(),
            version: z.int(),
            rule: z.string(),
            title: text,
          }),
          counts: CountsWire,
          verdict: Verdict,
        }),
      ),
      clouds: z.array(z.object({ id: z.string(), counts: CountsWire, score: z.number().nullable() })),
      findings: z.int(),
      overdue: z.int(),
      evidence: z.array(z.object({ id: z.string(), controlId: z.string(), sha256: z.string() })),
      exemptions: z.array(z.object({ id: z.string(), category: z.string(), expiresOn: z.iso.date() })),
    }),
    findings: z.array(
      z.object({
        controlId: z.string(),
        rule: z.string(),
        framework: z.string(),
        severity: Severity,
        verdict: Verdict,
        resource: z.object({ key: z.string(), kind: z.string(), name: z.string() }),
        finding: z
          .object({ id: z.string(), status: z.string(), owner: z.string(), dueOn: z.iso.date() })
          .nullable(),
      }),
    ),
    findingCount: z.int(),
    digest: z.string().describe("SHA-256 of what the report says, the same in every form"),
  })
  .openapi("ComplianceReport");
