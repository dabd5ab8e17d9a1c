import { createHash } from "node:crypto";
import type { Control } from "./control.ts";
import type { OutcomeTable } from "./outcome-table.ts";
import type { AssessedResource } from "./resource.ts";
import type { Deficiency } from "./settle-findings.ts";
import { settleVerdict } from "./settle-verdict.ts";
import type { Standing } from "./standing.ts";
import { type Counts, sumOf, Tally } from "./tally.ts";
import { DEFICIENT } from "./verdict.ts";

/** Counts of one cell of the trend; "" stands for all. */
export interface Cell {
  readonly framework: string;
  readonly cloudId: string;
  readonly organizationId: string;
  readonly organizationPath: string | null;
  readonly counts: Counts;
}

/** Adds up what a run finds while it goes by, and keeps nothing else of it. */
export class RunBook {
  readonly #controls: ReadonlyMap<string, Control>;
  readonly #standing: Standing;
  readonly #table: OutcomeTable;
  readonly #input = createHash("sha256");
  readonly #output = createHash("sha256");
  readonly #tally = new Tally();
  readonly #paths = new Map<string, string>();
  resources = 0;
  results = 0;

  constructor(controls: readonly Control[], standing: Standing, table: OutcomeTable) {
    this.#controls = new Map(controls.map((control) => [control.id, control]));
    this.#standing = standing;
    this.#table = table;
  }

  /** What the rules are about to be asked about. */
  read(input: unknown): void {
    this.#input.update(JSON.stringify(input));
  }

  /** A chunk as it is stored. */
  wrote(text: string): void {
    this.#output.update(text);
  }

  /** Counts results and picks out those that somebody has to act on. */
  count(assessed: readonly AssessedResource[]): Deficiency[] {
    const deficiencies: Deficiency[] = [];
    for (const { resource, outcomes } of assessed) {
      const { cloudId, organizationId, organizationPath } = resource;
      if (organizationId !== null) this.#paths.set(organizationId, organizationPath ?? "");
      const place = `\n${cloudId ?? ""}\n${organizationId ?? ""}`;
      for (const number of outcomes) {
        const outcome = this.#table.at(number);
        const control = this.#controls.get(outcome.controlId);
        if (control === undefined) throw new Error(`a result of an unknown control ${outcome.controlId}`);
        const result = settleVerdict(control, outcome, resource, this.#standing);
        this.#tally.add(`${control.framework}${place}`, result);
        if (DEFICIENT.includes(result.verdict)) deficiencies.push({ resource, result });
      }
      this.resources += 1;
      this.results += outcomes.length;
    }
    return deficiencies;
  }

  get inputDigest(): string {
    return this.#input.copy().digest("hex");
  }

  get resultsDigest(): string {
    return this.#output.copy().digest("hex");
  }

  get counts(): Counts {
    return sumOf(this.#tally.entries().map(([, counts]) => counts));
  }

  /** By framework and for all of them: the whole, each cloud, each organization. */
  cells(): Cell[] {
    const sums = new Map<string, Counts[]>();
    for (const [key, counts] of this.#tally.entries()) {
      const [framework = "", cloudId = "", organizationId = ""] = key.split("\n");
      const places = new Set(["\n", `${cloudId}\n`, `\n${organizationId}`]);
      for (const place of places) {
        for (const name of ["", framework]) {
          const cell = `${name}\n${place}`;
          sums.set(cell, [...(sums.get(cell) ?? []), counts]);
        }
      }
    }
    return [...sums].map(([key, all]) => {
      const [framework = "", cloudId = "", organizationId = ""] = key.split("\n");
      const organizationPath = this.#paths.get(organizationId) ?? null;
      return { framework, cloudId, organizationId, organizationPath, counts: sumOf(all) };
    });
  }
}
