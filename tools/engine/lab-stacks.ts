// Which stacks stand on a simulated rack, and which of them a command line means.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { REPOSITORY } from "./engine-version.ts";
import { SetupError } from "./setup-error.mjs";

/** The stack that is meant where none is named. */
export const DEFAULT_STACK = "lab";

/** A command line, taken apart. */
export interface StackArguments {
  readonly stack: string;
  /** What goes on to Pulumi. */
  readonly rest: readonly string[];
}

/** Takes `--stack name`, `--stack=name` or `-s name` out of the arguments. */
export function parseStackArguments(given: readonly string[]): StackArguments {
  const rest: string[] = [];
  let stack = DEFAULT_STACK;
  for (let index = 0; index < given.length; index += 1) {
    const argument = given[index] ?? "";
    if (argument === "--stack" || argument === "-s") {
      index += 1;
      stack = given[index] ?? "";
    } else if (argument.startsWith("--stack=")) stack = argument.slice("--stack=".length);
    else rest.push(argument);
  }
  return { stack, rest };
}

/** Names of the stacks that have a simulated rack: those whose file has `homelab:simulation`. */
export function labStacks(directory: string = REPOSITORY): string[] {
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.([^.]+)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((stack) => isSimulated(directory, stack))
    .sort();
}

/** Refuses a stack that is not there, or that stands on real hardware. */
export function requireLabStack(stack: string, directory: string = REPOSITORY): void {
  const stacks = labStacks(directory);
  if (stacks.includes(stack)) return;
  const ways = stacks.map((name) => `npm run up -- --stack ${name}`);
  if (/^[\w-]+$/.test(stack) && existsSync(join(directory, `Pulumi.${stack}.yaml`))) {
    throw new SetupError(`stack ${stack} stands on real hardware; npm run works on simulated racks only`, {
      todo: [`for the real one: pulumi up --stack ${stack}`, ...ways],
    });
  }
  throw new SetupError(`there is no stack ${JSON.stringify(stack)}: Pulumi.${stack}.yaml is missing`, { todo: ways });
}

function isSimulated(directory: string, stack: string): boolean {
  const text = readFileSync(join(directory, `Pulumi.${stack}.yaml`), "utf8");
  const config: unknown = parse(text)?.config;
  return typeof config === "object" && config !== null && "homelab:simulation" in config;
}
