import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { workOnAssessments } from "../../control-plane/compliance/assess.ts";
import { findAssessment } from "../../control-plane/compliance/assessment-rows.ts";
import { BatchJudge } from "../../control-plane/compliance/batch-judge.ts";
import { EstateJudge } from "../../control-plane/compliance/estate-judge.ts";
import { startAssessment } from "../../control-plane/compliance/start-run.ts";
import { openServer } from "../../control-plane/db/open.ts";
import { systemClock } from "../../control-plane/kernel/clock.ts";
import { systemIds } from "../../control-plane/kernel/ids.ts";
import { fixedPolicies } from "../../control-plane/policy/policies.ts";
import { COMPLIANCE_FORMATS, type ComplianceFormat } from "../../control-plane/reports/compliance/formats.ts";
import { bufbuildCel, cedar, celSubject, type Subject } from "./assess/engines.ts";
import { benchSites, benchTopology, TODAY, tenancyAt } from "./assess/estate.ts";
import { BENCH_RULES, benchPolicies } from "./assess/rules.ts";
import { insertEstate } from "./assess/stored-estate.ts";
import { subjectsOf } from "./assess/subjects.ts";
import type { Bench, Lab } from "./bench.ts";
import { rounded } from "./clients.ts";

/** Tenancies of one part and five machines each: 24 thousand, 240 thousand and 2.4 million resources. */
const SIZES = [4000, 40_000, 400_000];
const STORED = [4000, 40_000];

/** Everything that clouds show, by 60 controls: the evaluation alone, beside two other engines, and whole runs. */
export const bench: Bench = {
  async run(lab) {
    const baseline = compare(lab);
    for (const tenancies of lab.quick ? [200] : SIZES) evaluate(lab, tenancies, baseline);
    for (const tenancies of lab.quick ? [200] : STORED) await wholeRun(lab, tenancies);
  },
};

/** On one core, from what was read of the tables to numbered outcomes: the facts are gathered on the way. */
function evaluate(lab: Lab, tenancies: number, baseline: number): void {
  const around = { topology: benchTopology(), sites: benchSites(), today: TODAY };
  const judge = new EstateJudge(benchPolicies(), around);
  let results = 0;
  let resources = 0;
  let ms = 0;
  for (let n = 1; n <= tenancies; n += 500) {
    // Made a page at a time, as it would be read; making it is not what is measured.
    const page = Array.from({ length: Math.min(500, tenancies - n + 1) }, (_, index) => tenancyAt(n + index));
    const began = performance.now();
    for (const tenancy of page) {
      for (const { outcomes } of judge.tenancy(tenancy)) {
        results += outcomes.length;
        resources += 1;
      }
    }
    ms += performance.now() - began;
  }
  const perSecond = results / (ms / 1000);
  lab.print({
    case: `facts and evaluation; ${resources} resources`,
    value: Math.round(perSecond),
    unit: "results/s",
    baseline: Math.round(baseline),
    ratio: rounded(perSecond / baseline),
    details: {
      controls: BENCH_RULES.length,
      results,
      outcomes: judge.outcomes.size,
      seconds: rounded(ms / 1000),
    },
  });
}

/** The same rules about the same facts, handed over in the form that each engine likes best; the quickest of the others. */
function compare(lab: Lab): number {
  const subjects = Array.from({ length: lab.quick ? 20 : 3000 }, (_, n) => subjectsOf(n + 1)).flat();
  const forCel = subjects.map(celSubject);
  const results = subjects.reduce((sum, { about }) => sum + widthOf(about), 0);
  const engines = [
    { name: "@bufbuild/cel", engine: bufbuildCel(), subjects: forCel },
    { name: "Cedar", engine: cedar(), subjects },
  ];
  const speeds = engines.map(({ name, engine, subjects: given }) => {
    for (const subject of given.slice(0, 500)) engine(subject);
    const began = performance.now();
    for (const subject of given) engine(subject);
    const perSecond = results / ((performance.now() - began) / 1000);
    lab.print({
      case: `baseline ${name}`,
      value: Math.round(perSecond),
      unit: "results/s",
      baseline: null,
      ratio: null,
      details: { results },
    });
    return perSecond;
  });
  const baseline = Math.max(...speeds);
  const perSecond = ownSpeed(subjects, results);
  lab.print({
    case: "evaluation of facts at hand",
    value: Math.round(perSecond),
    unit: "results/s",
    baseline: Math.round(baseline),
    ratio: rounded(perSecond / baseline),
    details: { controls: BENCH_RULES.length, results },
  });
  return baseline;
}

/** The evaluator of assessments over the same subjects; warmed up by as many as the others. */
function ownSpeed(subjects: readonly Subject[], results: number): number {
  const { bySubject } = benchPolicies();
  const judges = {
    tenancy: new BatchJudge("tenancy", bySubject.tenancy),
    resource: new BatchJudge("resource", bySubject.resource),
  };
  const ask = ({ about, facts }: Subject) => {
    const into: number[] = [];
    if (about === "tenancy" || about === "resource") judges[about].judge(facts, true, into);
  };
  for (const subject of subjects.slice(0, 500)) ask(subject);
  const began = performance.now();
  for (const subject of subjects) ask(subject);
  return results / ((performance.now() - began) / 1000);
}

function widthOf(about: Subject["about"]): number {
  return BENCH_RULES.filter(({ subject }) => subject === about).length;
}

/** A run over everything with all that is stored of it: chunks, findings, scores, audit. */
async function wholeRun(lab: Lab, tenancies: number): Promise<void> {
  const url = await lab.newDatabase();
  const db = await openServer({ url, connectionsMax: 4, statementTimeoutMs: 600_000 });
  const app = { db, clock: systemClock, ids: systemIds, policies: fixedPolicies(benchPolicies()) };
  try {
    await insertEstate(db, tenancies);
    for (const which of ["first", "second"]) {
      const run = await db.withTx((tx) => startAssessment(tx, app, { trigger: "schedule", reason: "bench" }));
      const memory = watchMemory();
      const began = performance.now();
      await workOnAssessments(app);
      const seconds = (performance.now() - began) / 1000;
      const done = await db.read((tx) => findAssessment(tx, run.id));
      if (done.status !== "succeeded") throw new Error(`the run ended as ${done.status}`);
      lab.print({
        case: `whole run, ${which}; ${done.resources} resources`,
        value: rounded(seconds),
        unit: "s",
        baseline: null,
        ratio: null,
        details: {
          results: done.results,
          resultsPerSecond: Math.round(done.results / seconds),
          memoryMiB: memory(),
          failing: done.counts?.fail ?? 0,
        },
      });
    }
    for (const format of lab.quick ? (["csv"] as const) : COMPLIANCE_FORMATS)
      await exportOf(lab, url, format, tenancies);
  } finally {
    await db.close();
  }
}

/** A report on everything, made in a process of its own: its memory is nobody else's. */
async function exportOf(lab: Lab, url: string, format: ComplianceFormat, tenancies: number): Promise<void> {
  const file = fileURLToPath(new URL("./assess/export-process.ts", import.meta.url));
  const args = ["--import", "tsx", file, url, format];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { seconds, bytes, memoryMiB } = Exported.parse(JSON.parse(stdout));
  lab.print({
    case: `report as ${format}; ${tenancies} tenancies`,
    value: rounded(seconds),
    unit: "s",
    baseline: null,
    ratio: null,
    details: { memoryMiB, mebibytes: rounded(bytes / 2 ** 20) },
  });
}

const Exported = z.object({ seconds: z.number(), bytes: z.number(), memoryMiB: z.number() });

/** The most memory that the process had while something ran. */
function watchMemory(): () => number {
  let most = process.memoryUsage().rss;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 50);
  return () => {
    clearInterval(timer);
    return Math.round(most / 2 ** 20);
  };
}
