// The machine the program is run from, as a script of command.local.Command sees it: a POSIX shell, talosctl, kubectl and curl. Nothing of the
// machine the lab itself runs on is reached.
import { setTimeout as wait } from "node:timers/promises";
import { fileContentCommands } from "../host/commands/file-content.ts";
import { printing } from "../host/commands/file-paths.ts";
import { fileCommands } from "../host/commands/files.ts";
import { textCommands } from "../host/commands/text.ts";
import { wrapperCommands } from "../host/commands/wrappers.ts";
import type { CommandTable, HostContext } from "../host/installed-command.ts";
import { type Outputs, runCollected } from "../host/script-outputs.ts";
import type { ShellHost } from "../host/shell/state.ts";
import { jumpTo, simulatedNow } from "../rack/clock.ts";
import type { Rack } from "../rack/store.ts";
import { curl } from "./curl.ts";
import { kubectl } from "./kubectl.ts";
import { OperatorFiles } from "./operator-files.ts";
import { talosctl } from "./talosctl.ts";

/** A script and what it is given. */
interface OperatorScript {
  readonly script: string;
  readonly stdin?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** Lets time pass on the rack: where nobody sleeps, the clock goes on all the same. */
export async function passTime(rack: Rack, seconds: number): Promise<void> {
  const { latencyScale } = rack.settings;
  if (latencyScale === 0) jumpTo(rack, simulatedNow(rack) + seconds * 1000);
  else await wait(seconds * 1000 * latencyScale);
}

function operatorMachine(rack: Rack): ShellHost {
  const files = new OperatorFiles(rack);
  const context: HostContext = { rack, host: "operator", files, sleep: (seconds) => passTime(rack, seconds) };
  const commands: CommandTable = {
    ...fileCommands(context),
    ...fileContentCommands(context),
    ...textCommands(context),
    ...wrapperCommands(context),
    date: printing(() => `${new Date(simulatedNow(rack)).toISOString().replaceAll(/[-:]|\.\d+/g, "")}\n`),
    talosctl: { run: (call) => talosctl(context, call) },
    kubectl: { run: (call) => kubectl(context, call) },
    curl: { run: (call) => curl(context, call) },
  };
  return { files, command: (name) => commands[name.replace(/^\/(usr\/)?bin\//, "")]?.run, sleep: context.sleep };
}

/** Runs a script; throws where the official plug-in fails. */
export async function runOperatorScript(rack: Rack, { script, stdin, environment }: OperatorScript): Promise<Outputs> {
  const { status, printed, stdout, stderr } = await runCollected({
    script,
    host: operatorMachine(rack),
    environment: { HOME: "/root", PATH: "/usr/bin:/bin", ...environment },
    stdin,
  });
  if (status !== 0) throw new Error(`exit status ${status}: running ${JSON.stringify(script)}:\n${printed}`);
  return { stdout, stderr };
}
