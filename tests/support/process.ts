import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a story reads answers as a client without types does
  readonly body: any;
}

/** Yunheng as its users run it: a process of its own, reached over HTTP only. */
export class YunhengProcess {
  readonly dataDir: string;
  readonly #environment: Record<string, string>;
  #child: ChildProcess | null = null;
  #output = "";
  url = "";

  constructor(environment: Record<string, string> = {}) {
    this.dataDir = mkdtempSync(join(tmpdir(), "yunheng-story-"));
    this.#environment = environment;
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts the process and waits until it says where it listens; resolves with the seconds that took. */
  async start(...command: string[]): Promise<number> {
    return this.startUntil(/console\s+(http:\/\/\S+?)\/\s/, command);
  }

  /** Waits for other words than the banner's; the first group of the pattern is the address, if there is one. */
  async startUntil(ready: RegExp, command: readonly string[]): Promise<number> {
    const began = performance.now();
    this.#output = "";
    const child = this.#spawn(command.length > 0 ? command : ["all", "--port", "0"]);
    this.#child = child;
    this.url = await new Promise((resolve, reject) => {
      child.stdout?.on("data", () => {
        const found = ready.exec(this.#output);
        if (found !== null) resolve(found[1] ?? "");
      });
      child.once("exit", (code) =>
        reject(new Error(`ended with ${code} before it was ready:\n${this.#output}`)),
      );
    });
    return (performance.now() - began) / 1000;
  }

  /** Runs a command to its end beside, or instead of, the running process. */
  async command(...words: string[]): Promise<{ code: number; output: string }> {
    const child = this.#spawn(words, () => undefined);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const code = await new Promise<number>((resolve) => child.once("close", (exit) => resolve(exit ?? -1)));
    return { code, output };
  }

  #spawn(words: readonly string[], hear = (text: string) => this.#hear(text)): ChildProcess {
    // As the image starts it, deploy/Containerfile.
    const program = ["--max-semi-space-size=32", "--import", "tsx", "control-plane/main.ts"];
    const child = spawn(process.execPath, [...program, ...words], {
      cwd: ROOT,
      env: { ...process.env, LOG_LEVEL: "warn", DATA_DIR: this.dataDir, ...this.#environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout?.on("data", (chunk: Buffer) => hear(chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => hear(chunk.toString()));
    return child;
  }

  #hear(text: string): void {
    this.#output += text;
  }

  /** Ends the process with a signal; resolves with its exit code, null when the signal itself ended it. */
  async end(signal: "SIGTERM" | "SIGINT" | "SIGKILL" = "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    child.kill(signal);
    return ended;
  }

  administratorToken(): string {
    return readFileSync(join(this.dataDir, "administrator.token"), "utf8").trim();
  }

  /** One call with a bearer token; bodies are sent as JSON. */
  async call(
    token: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path.startsWith("/api/") ? path : `/api/v1${path}`}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get("content-type") ?? "").includes("json");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** A token for a new account with one role. */
  async tokenFor(
    name: string,
    role: string,
    scope: { kind: string; id: string } = { kind: "province", id: "" },
  ) {
    const account = { name, ...(scope.kind === "organization" ? { organizationId: scope.id } : {}) };
    const grants = [{ role, scopeKind: scope.kind, scopeId: scope.id }];
    const answer = await this.call(this.administratorToken(), "POST", "/tokens", { name, account, grants });
    if (answer.status !== 201) throw new Error(`no token for ${name}: ${JSON.stringify(answer.body)}`);
    return String(answer.body.secret);
  }

  /** Asks again and again until the answer is as wished, or throws with the last one. */
  async until(
    ask: () => Promise<Answer>,
    wished: (answer: Answer) => boolean,
    seconds = 120,
  ): Promise<Answer> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const answer = await ask();
      if (wished(answer)) return answer;
      if (performance.now() > deadline) {
        throw new Error(`still ${JSON.stringify(answer.body).slice(0, 2000)}\n${this.#output.slice(-3000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async dispose(): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
