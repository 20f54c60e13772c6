// Command lines as cobra programs (talosctl, kubectl) read them: `-n a,b`, `--nodes=a`, `--drain=false`, flags before and after the verb.
import { CommandFailure } from "../host/host-command.ts";

/** A command line, taken apart. */
export interface CobraLine {
  readonly words: readonly string[];
  get(flag: string): string | undefined;
  /** Of a flag that may be given more than once. */
  all(flag: string): readonly string[];
  /** A switch: absent → `otherwise`. */
  is(flag: string, otherwise?: boolean): boolean;
}

/** What a program takes. */
interface CobraFlags {
  /** Flags that take the next word. */
  readonly values: readonly string[];
  readonly switches: readonly string[];
  /** `n` → `nodes`. */
  readonly short: Readonly<Record<string, string>>;
}

/** A flag and the value that stands with it; undefined for a word. */
function readFlag(argument: string, flags: CobraFlags): { name: string; value: string | undefined } | undefined {
  if (argument === "-" || !argument.startsWith("-")) return undefined;
  const [, long, inline] = /^--([a-z][a-z0-9-]*)(?:=([\s\S]*))?$/.exec(argument) ?? [];
  const attached = argument.slice(2).replace(/^=/, "");
  const name = long ?? flags.short[argument[1] ?? ""];
  if (name === undefined || !(flags.values.includes(name) || flags.switches.includes(name)))
    throw new CommandFailure(`unknown ${long === undefined ? "shorthand flag" : "flag"}: ${argument}`);
  return { name, value: long === undefined ? attached || undefined : inline };
}

/** Reads a command line; an unknown flag is refused as cobra refuses it. */
export function readCobraLine(args: readonly string[], flags: CobraFlags): CobraLine {
  const found = new Map<string, string[]>();
  const note = (name: string, value: string) => found.set(name, [...(found.get(name) ?? []), value]);
  const words: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    if (argument === "--") {
      words.push(...args.slice(index + 1));
      break;
    }
    const flag = readFlag(argument, flags);
    if (flag === undefined) words.push(argument);
    else if (flags.values.includes(flag.name)) {
      const value = flag.value ?? args[++index];
      if (value === undefined) throw new CommandFailure(`flag needs an argument: ${argument}`);
      note(flag.name, value);
    } else note(flag.name, flag.value ?? "true");
  }
  return {
    words,
    get: (flag) => found.get(flag)?.at(-1),
    all: (flag) => found.get(flag) ?? [],
    is: (flag, otherwise = false) => (found.get(flag)?.at(-1) ?? String(otherwise)) === "true",
  };
}

/** Columns as Go's tabwriter sets them. */
export function renderColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map(
      (row) =>
        `${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 3))).join("")}\n`,
    )
    .join("");
}
