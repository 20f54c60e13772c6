// The lab's command line: finds the command and the rack, and words what goes wrong.
import { existsSync } from "node:fs";
import { loadStack } from "../../config/load.ts";
import { PlanError } from "../../plan/problems.ts";
import { openRack } from "../rack/store.ts";
import { type CommandLine, parseCommandLine } from "./command-line.ts";
import { drift } from "./drift.ts";
import { fault } from "./fault.ts";
import { cable, disk, power } from "./hardware.ts";
import { journal } from "./journal.ts";
import type { Bench, LabCommand, Surroundings } from "./lab-command.ts";
import { prepare, reset } from "./reset.ts";
import { status } from "./status.ts";
import { time } from "./time.ts";
import { nearest, notFound, UsageError } from "./usage-error.ts";

const COMMANDS: Readonly<Record<string, LabCommand>> = {
  status,
  cable,
  power,
  disk,
  drift,
  fault,
  journal,
  time,
  prepare,
  reset,
};

const HELP = `The simulated rack: look at it, and break it.

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  lab ${name.padEnd(10)}${summary}`)
  .join("\n")}
  lab help <command>

Everywhere: --stack <stack> or --rack <rack> takes another rack than "lab".
`;

/** The stack whose file names a rack. */
function stackOf({ directory, stacks }: Surroundings, rackName: string): string {
  const known = stacks.map((stack) => ({ stack, rack: loadStack(directory, stack).simulation?.rack ?? "" }));
  const found = known.find(({ rack }) => rack === rackName);
  if (found) return found.stack;
  throw notFound(
    "rack",
    rackName,
    known.map(({ rack }) => rack),
  );
}

function benchOf(surroundings: Surroundings, line: CommandLine, named: string | undefined): Bench {
  const { directory, stacks, workerOn } = surroundings;
  const stack = line.options.get("stack") ?? stackOf(surroundings, line.options.get("rack") ?? named ?? "lab");
  if (!stacks.includes(stack)) {
    const what = existsSync(`${directory}/Pulumi.${stack}.yaml`) ? "stands on real hardware" : "is not there";
    throw new UsageError(`stack "${stack}" ${what}; simulated racks have: ${stacks.join(", ")}`);
  }
  const { plan, simulation } = loadStack(directory, stack);
  const rackName = simulation?.rack ?? stack;
  return { stack, rackName, plan, directory, workerOn, openRack: () => openRack(rackName) };
}

function helpFor(name: string | undefined): string {
  const command = name === undefined ? undefined : COMMANDS[name];
  return command ? `${command.summary}\n\n${command.usage.map((line) => `  ${line}`).join("\n")}` : HELP;
}

/** Runs one command; returns the exit code: 0, 1 when the rack refuses, 2 when the command line is wrong. */
export async function runLab(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const line = parseCommandLine(args);
    const [name, ...words] = line.words;
    if (name === undefined || name === "help" || line.options.has("help")) {
      surroundings.print(helpFor(name === "help" ? words[0] : name));
      return 0;
    }
    const command = COMMANDS[name];
    if (!command) {
      const near = nearest(name, Object.keys(COMMANDS));
      throw new UsageError(`no command "${name}"${near === undefined ? "" : `; did you mean ${near}?`}`, ["lab help"]);
    }
    const bench = benchOf(surroundings, line, command.takesRackName ? words[0] : undefined);
    return await command.run(bench, { ...line, words }, surroundings.print);
  } catch (error) {
    if (error instanceof UsageError) {
      surroundings.complain([`error: ${error.message}`, ...error.ways.map((way) => `  - ${way}`)].join("\n"));
      return 2;
    }
    // The rack's own refusals and mistakes in the description are messages for a person; a stack would only hide them.
    if (error instanceof PlanError || error instanceof Error) {
      surroundings.complain(`error: ${process.env["LAB_DEBUG"] === undefined ? error.message : error.stack}`);
      return 1;
    }
    throw error;
  }
}
