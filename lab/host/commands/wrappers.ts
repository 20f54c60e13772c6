// Commands that run another command, and those that only take time.
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";
import { runNamed } from "../shell/run.ts";
import type { Input, Output } from "../shell/streams.ts";
import { printing } from "./file-paths.ts";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

function seconds(text: string | undefined): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text ?? "") ?? [];
  if (amount === undefined) throw new CommandFailure(`sleep: invalid time interval '${text ?? ""}'`);
  return Number(amount) * (SECONDS[unit] ?? 1);
}

/** Runs the words from `start` on as a command, with the streams of the call. */
function runFrom(call: HostCall, start: number): Promise<number> | number {
  const [name, ...args] = start < 0 ? [] : call.args.slice(start);
  if (name === undefined) return 0;
  const streams = new Map<number, Input | Output>([
    [0, call.stdin],
    [1, call.stdout],
    [2, call.stderr],
  ]);
  return runNamed(call.shell, name, args, streams, true);
}

/** What scripts put around other commands: `timeout`, `env`, `flock` and the like. */
export function wrapperCommands({ sleep }: HostContext): CommandTable {
  return {
    sleep: {
      async run({ args }) {
        await sleep(seconds(args[0]));
        return 0;
      },
    },
    // Endless on hardware; whoever reads it here is asked a few questions at most.
    yes: printing(({ args }) => `${args.join(" ") || "y"}\n`.repeat(64)),
    // The duration is the first word that is no option; nothing on the rack takes longer than it is given.
    timeout: { run: (call) => runFrom(call, call.args.findIndex((word) => /^\d/.test(word)) + 1) },
    nohup: { run: (call) => runFrom(call, 0) },
    env: {
      run: (call) =>
        runFrom(
          call,
          call.args.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word) && word !== "-i"),
        ),
    },
    flock: { run: (call) => runFrom(call, call.args.findIndex((word) => !word.startsWith("-")) + 1) },
  };
}
