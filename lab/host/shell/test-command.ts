// `test` and `[`: files are the host's.
import { CommandFailure } from "../host-command.ts";
import type { ShellState } from "./state.ts";

const COMPARE: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  "=": (a, b) => a === b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "-eq": (a, b) => integer(a) === integer(b),
  "-ne": (a, b) => integer(a) !== integer(b),
  "-lt": (a, b) => integer(a) < integer(b),
  "-le": (a, b) => integer(a) <= integer(b),
  "-gt": (a, b) => integer(a) > integer(b),
  "-ge": (a, b) => integer(a) >= integer(b),
};

function integer(text: string): number {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new CommandFailure(`sh: test: Illegal number: ${text}`, 2);
  return Number(text);
}

function testFile(state: ShellState, operator: string, operand: string): boolean {
  const { files } = state.host;
  const path = state.path(operand);
  const content = files.read(path);
  const isDirectory = files.isDirectory(path);
  switch (operator) {
    case "-d":
      return isDirectory;
    case "-f":
      return content !== undefined && !path.startsWith("/dev/");
    case "-s":
      return content !== undefined && content !== "";
    case "-x":
      return content === undefined ? isDirectory : /[1357]/.test(files.mode(path) ?? "");
    case "-b":
      return content !== undefined && path.startsWith("/dev/");
    default:
      return content !== undefined || isDirectory;
  }
}

/** Exit status 0 for true, 1 for false; 2 by a `CommandFailure`. */
export function testCommand(state: ShellState, args: readonly string[], isBracket: boolean): number {
  const words = [...args];
  if (isBracket && words.pop() !== "]") throw new CommandFailure("sh: [: missing ]", 2);
  let index = 0;
  const primary = (): boolean => {
    const left = words.length - index;
    const [first = "", second = "", third = ""] = words.slice(index);
    const compare = left >= 3 ? COMPARE[second] : undefined;
    if (compare) {
      index += 3;
      return compare(first, third);
    }
    if (left >= 2 && first === "!") {
      index += 1;
      return !primary();
    }
    if (left >= 3 && first === "(") {
      index += 1;
      const value = either();
      if (words[index] !== ")") throw new CommandFailure("sh: test: closing paren expected", 2);
      index += 1;
      return value;
    }
    if (left >= 2 && /^-[nz]$/.test(first)) {
      index += 2;
      return (second === "") === (first === "-z");
    }
    if (left >= 2 && /^-[bdefhLprswx]$/.test(first)) {
      index += 2;
      return testFile(state, first, second);
    }
    if (left >= 2 && !/^-[ao]$/.test(second)) throw new CommandFailure(`sh: test: ${first}: unexpected operator`, 2);
    index += 1;
    return first !== "";
  };
  const both = (): boolean => {
    let value = primary();
    while (words[index] === "-a") {
      index += 1;
      value = primary() && value;
    }
    return value;
  };
  const either = (): boolean => {
    let value = both();
    while (words[index] === "-o") {
      index += 1;
      value = both() || value;
    }
    return value;
  };
  if (words.length === 0) return 1;
  const value = either();
  if (index < words.length) throw new CommandFailure(`sh: test: ${words[index]}: unexpected operator`, 2);
  return value ? 0 : 1;
}
