import { readFileSync } from "node:fs";

/** What the system holds in memory for a process. */
export function memoryMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Of Linux: how finely it tells what a process has used. */
const TICK_MS = 10;

/** What processes have used of the processor so far, which other work on the machine changes less than the clock. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    // Behind the name, which may have blanks: state, and at the 14th and 15th place user and system time.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }, 0);
}
