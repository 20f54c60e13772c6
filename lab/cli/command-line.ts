// Takes the command line apart: words, and options with or without a value.
import { nearest, UsageError } from "./usage-error.ts";

/** A command line taken apart. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

/** Options that take a value. */
const VALUES = ["rack", "stack", "times", "text", "ms", "last"];
const FLAGS = ["json", "help", "previews", "yes"];

/** Takes a command line apart. @throws UsageError for an option that there is none of, with the nearest that there is */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const words: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    const [, name, inline] = /^--([a-z]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (argument === "-h") options.set("help", "");
    else if (name === undefined) words.push(argument);
    else if (FLAGS.includes(name)) options.set(name, "");
    else if (VALUES.includes(name)) {
      const value = inline ?? args[index + 1];
      if (value === undefined) throw new UsageError(`--${name} needs a value`);
      if (inline === undefined) index += 1;
      options.set(name, value);
    } else {
      const near = nearest(name, [...VALUES, ...FLAGS]);
      throw new UsageError(`unknown option --${name}${near === undefined ? "" : `; did you mean --${near}?`}`, [
        "lab help",
      ]);
    }
  }
  return { words, options };
}

/** A whole number of an option. */
export function numberOption(line: CommandLine, name: string): number | undefined {
  const text = line.options.get(name);
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text)) throw new UsageError(`--${name} takes a whole number, not "${text}"`);
  return Number(text);
}
