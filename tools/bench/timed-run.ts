// One program, timed from outside.
import { performance } from "node:perf_hooks";
import { capture } from "../engine/run-command.mjs";

/** What a run took, with everything that it started. */
export interface TimedRun {
  readonly wallMs: number;
  /** Time of processors, which other work on the machine makes only a little longer. */
  readonly cpuMs: number;
  readonly stdout: string;
}

/** Milliseconds in a line of the shell's `times`: `0m1.25s 0m0.30s`. */
export function parseTimes(line: string): number {
  const parts = [...line.matchAll(/(\d+)m([\d.,]+)s/g)];
  return parts.reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds?.replace(",", "."))) * 1000,
    0,
  );
}

/** Runs a program; throws with its output when it fails. */
export async function timedRun(
  program: string,
  programArguments: readonly string[],
  { cwd, env = process.env }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<TimedRun> {
  // The shell counts the processor time of all its descendants; Node.js tells only its own.
  const script = '"$@"; code=$?; times; exit $code';
  const start = performance.now();
  const { code, stdout, stderr } = await capture("sh", ["-c", script, "sh", program, ...programArguments], {
    cwd,
    env,
  });
  const wallMs = performance.now() - start;
  if (code !== 0) throw new Error(`${program} ${programArguments.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  const lines = stdout.trimEnd().split("\n");
  return { wallMs, cpuMs: parseTimes(lines.at(-1) ?? ""), stdout: lines.slice(0, -2).join("\n") };
}
