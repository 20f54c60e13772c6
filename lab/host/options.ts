// Reads the options of a command line, as the tools of Proxmox VE and Ceph take them: `--size 3`, `--size=3`, `-size 3`.
import { CommandFailure } from "./host-command.ts";

/** Options of a command line, by name. */
export interface Options {
  readonly operands: readonly string[];
  has(name: string): boolean;
  get(name: string): string | undefined;
}

/** `flags` stand alone, `values` take the next word; anything else is refused as the tools refuse it. */
export function parseOptions(args: readonly string[], flags: readonly string[], values: readonly string[]): Options {
  const found = new Map<string, string>();
  const operands: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    const [, name, inline] = /^--?([a-zA-Z][\w-]*)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    if (name === undefined) operands.push(argument);
    else if (flags.includes(name)) found.set(name, inline ?? "1");
    else if (values.includes(name)) {
      const value = inline ?? args[index + 1];
      if (value === undefined)
        throw new CommandFailure(`400 unable to parse option\n${name}: option requires an argument`, 255);
      if (inline === undefined) index += 1;
      found.set(name, value);
    } else throw new CommandFailure(`Unknown option: ${name}\n400 unable to parse option`, 255);
  }
  return { operands, has: (name) => found.has(name), get: (name) => found.get(name) };
}
