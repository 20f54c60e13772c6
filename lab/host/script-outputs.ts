// A script whose outputs are collected the way the command plug-in collects them.
import { runScript, type ScriptRun } from "./shell/run.ts";
import { Collector, type Output } from "./shell/streams.ts";

/** What a script printed, each stream without its last line's end. */
export interface Outputs {
  readonly stdout: string;
  readonly stderr: string;
}

/** How a script ended. */
interface CollectedRun extends Outputs {
  readonly status: number;
  /** Both streams, in the order in which they were written: what failures show. */
  readonly printed: string;
}

const withoutLastNewline = (text: string) => text.replace(/\n$/, "");

/** Runs a script to its end. */
export async function runCollected(run: Omit<ScriptRun, "stdout" | "stderr">): Promise<CollectedRun> {
  const [stdout, stderr, both] = [new Collector(), new Collector(), new Collector()];
  const into = (own: Collector): Output => ({
    write(text) {
      own.write(text);
      both.write(text);
    },
  });
  const status = await runScript({ ...run, stdout: into(stdout), stderr: into(stderr) });
  return {
    status,
    stdout: withoutLastNewline(stdout.text),
    stderr: withoutLastNewline(stderr.text),
    printed: both.text,
  };
}
