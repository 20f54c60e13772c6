// Short options as coreutils take them: `-rf`, `-m 644`, `-m644`, and long ones with an inline value.

/** Options of one letter, and the words that are left. */
export interface ShortOptions {
  /** Short options, each letter by itself, and long ones by name. */
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly operands: string[];
}

/** `withValue` lists the letters that take an argument. */
export function parseShortOptions(args: readonly string[], withValue = ""): ShortOptions {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  let isOver = false;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    if (isOver || argument === "-" || !argument.startsWith("-")) operands.push(argument);
    else if (argument === "--") isOver = true;
    else if (argument.startsWith("--")) {
      const [name = "", value] = argument.slice(2).split("=");
      flags.add(name);
      if (value !== undefined) values.set(name, value);
    } else index += readLetters(argument.slice(1), args[index + 1] ?? "", withValue, flags, values);
  }
  return { flags, values, operands };
}

/** Returns how many further arguments were taken. */
function readLetters(
  letters: string,
  next: string,
  withValue: string,
  flags: Set<string>,
  values: Map<string, string>,
): number {
  for (const [at, letter] of [...letters].entries()) {
    flags.add(letter);
    if (!withValue.includes(letter)) continue;
    const rest = letters.slice(at + 1);
    values.set(letter, rest === "" ? next : rest);
    return rest === "" ? 1 : 0;
  }
  return 0;
}
