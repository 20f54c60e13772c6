// Faults of commands that scripts run in the cluster, where a plug-in sees only how the whole script ended: the answer of one call is lost,
// or the pod is gone between two of them.
import { setTimeout as wait } from "node:timers/promises";
import { jumpTo, simulatedNow } from "./clock.ts";
import { type Fault, takeFaultFor } from "./faults.ts";
import type { Rack } from "./store.ts";

/** What a call printed and how it ended. */
export interface CommandRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

/** `kill -9` of whatever runs a script: nothing is cleaned up, no trap runs. */
export class ScriptKilled extends Error {}

/** As after `kill -9`. */
export const KILLED = 137;

/** How a command ends that gets no answer. */
export interface Unanswered {
  /** Nobody is there to ask. */
  readonly refused: CommandRun;
  /** It was asked, and nothing came back. */
  readonly silent: CommandRun;
  /** For how long it waits for an answer, in simulated seconds. */
  readonly patienceSec: number;
}

function said(run: CommandRun, { text }: Fault): CommandRun {
  return text === undefined ? run : { ...run, stderr: `${text}\n` };
}

/** Lets a command wait; where nobody sleeps, the clock goes on all the same. */
async function pass(rack: Rack, sec: number): Promise<void> {
  const until = simulatedNow(rack) + sec * 1000;
  rack.transaction(() => jumpTo(rack, until));
  await wait(sec * 1000 * rack.settings.latencyScale);
}

/**
 * Runs one command line, and what a fault makes of it:
 * - `fail`: nothing is done, nobody was there to ask; `hang`: nothing is done, and the command gives up in the end
 * - `slow`, `late`: it waits `ms` real milliseconds before or after it is done
 * - `answer-lost`: it is done, and ends as if it were not; `partial`: so, after half of what it had to print
 * - `crash-before`, `crash-after`: the script is killed with it
 * @throws ScriptKilled
 */
export async function runWithFaults(
  rack: Rack,
  line: string,
  unanswered: Unanswered,
  run: () => CommandRun,
): Promise<CommandRun> {
  const fault = takeFaultFor(rack, `run ${line}`);
  if (fault === undefined) return run();
  const pause = () => wait(fault.ms ?? 1_000);
  switch (fault.behaviour) {
    case "fail":
      return said(unanswered.refused, fault);
    case "hang":
      await pass(rack, unanswered.patienceSec);
      return said(unanswered.silent, fault);
    case "crash-before":
      throw new ScriptKilled(`killed before: ${line}`);
    case "slow":
      await pause();
      return run();
  }
  const done = run();
  switch (fault.behaviour) {
    case "late":
      await pause();
      return done;
    case "answer-lost":
      return said(unanswered.silent, fault);
    case "partial":
      return { stdout: done.stdout.slice(0, done.stdout.length / 2), stderr: "Killed\n", status: KILLED };
    case "crash-after":
      throw new ScriptKilled(`killed after: ${line}`);
  }
}
