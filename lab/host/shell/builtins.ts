// Commands of the shell itself: those that change its state, and those that scripts use in every line.
import { CommandFailure } from "../host-command.ts";
import { formatText } from "./format.ts";
import { parseScript } from "./parse.ts";
import { outputOf, runList, runNamed } from "./run.ts";
import { ShellExit, ShellJump, type ShellState } from "./state.ts";
import { Input, type Streams } from "./streams.ts";
import { testCommand } from "./test-command.ts";

/** One run of a builtin. */
interface BuiltinCall {
  readonly state: ShellState;
  readonly args: readonly string[];
  readonly streams: Streams;
  readonly isTested: boolean;
}

type Builtin = (call: BuiltinCall) => number | Promise<number>;

function setVariable(state: ShellState, argument: string): string {
  const [, name, value] = /^([A-Za-z_]\w*)(?:=([\s\S]*))?$/.exec(argument) ?? [];
  if (name === undefined) throw new CommandFailure(`sh: ${argument}: bad variable name`, 2);
  if (value !== undefined) state.variables.set(name, value);
  return name;
}

function setOptions(state: ShellState, args: readonly string[]): number {
  for (const [index, argument] of args.entries()) {
    const isOn = argument.startsWith("-");
    if (argument === "--" || (!isOn && !argument.startsWith("+"))) {
      state.positional = args.slice(argument === "--" ? index + 1 : index);
      return 0;
    }
    const letters = argument.slice(1) === "o" ? longOption(args[index + 1]) : argument.slice(1);
    for (const letter of letters) {
      if (letter === "e") state.options.exitOnError = isOn;
      else if (letter === "u") state.options.refuseUnset = isOn;
      else if (letter === "x") state.options.trace = isOn;
      else throw new CommandFailure(`sh: set: Illegal option -${letter}`, 2);
    }
    if (argument.slice(1) === "o") return setOptions(state, args.slice(index + 2));
  }
  return 0;
}

function longOption(name: string | undefined): string {
  const letter = { errexit: "e", nounset: "u", xtrace: "x" }[name ?? ""];
  if (letter === undefined) throw new CommandFailure(`sh: set: Illegal option -o ${name ?? ""}`, 2);
  return letter;
}

function readVariables({ state, args, streams }: BuiltinCall): number {
  const isRaw = args[0] === "-r";
  const names = isRaw ? args.slice(1) : args;
  const stdin = streams.get(0);
  const line = stdin instanceof Input ? stdin.readLine() : undefined;
  const separators = state.variables.get("IFS") ?? " \t\n";
  let rest = trimSeparators(isRaw ? (line ?? "") : (line ?? "").replace(/\\(.)/g, "$1"), separators);
  for (const [index, name] of names.entries()) {
    const end =
      index === names.length - 1 || separators === ""
        ? -1
        : [...rest].findIndex((character) => separators.includes(character));
    state.variables.set(name, end < 0 ? rest : rest.slice(0, end));
    rest = end < 0 ? "" : trimSeparators(rest.slice(end + 1), separators);
  }
  return line === undefined ? 1 : 0;
}

function trimSeparators(text: string, separators: string): string {
  const blanks = [...separators].filter((character) => /\s/.test(character)).join("");
  return blanks === "" ? text : text.replace(new RegExp(`^[${blanks}]+|[${blanks}]+$`, "g"), "");
}

async function commandBuiltin(call: BuiltinCall): Promise<number> {
  const [first, ...rest] = call.args;
  if (first !== "-v" && first !== "-V")
    return first === undefined ? 0 : runNamed(call.state, first, rest, call.streams, call.isTested);
  const name = rest[0] ?? "";
  const isOwn = call.state.functions.has(name) || name in BUILTINS;
  if (!isOwn && !call.state.host.command(name)) return 127;
  outputOf(call.streams, 1).write(isOwn ? `${name}\n` : `/usr/bin/${name}\n`);
  return 0;
}

function jump(kind: "break" | "continue" | "return"): Builtin {
  return ({ state, args }) => {
    throw new ShellJump(kind, Number(args[0] ?? (kind === "return" ? state.status : 1)));
  };
}

function setTrap({ state, args }: BuiltinCall): number {
  const [action, ...signals] = args;
  // Nobody presses Ctrl-C on the rack: only the end of the script is a signal that comes.
  if (signals.includes("EXIT") || signals.includes("0")) state.exitTrap = action === "-" ? undefined : action;
  return 0;
}

function changeDirectory({ state, args }: BuiltinCall): number {
  const path = state.path(args[0] ?? "/root");
  if (!state.host.files.isDirectory(path)) throw new CommandFailure(`sh: cd: can't cd to ${args[0] ?? ""}`, 2);
  state.directory = path;
  return 0;
}

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  ":": () => 0,
  true: () => 0,
  false: () => 1,
  "[": ({ state, args }) => testCommand(state, args, true),
  test: ({ state, args }) => testCommand(state, args, false),
  echo: ({ args, streams }) => {
    const hasEnd = args[0] !== "-n";
    outputOf(streams, 1).write(`${(hasEnd ? args : args.slice(1)).join(" ")}${hasEnd ? "\n" : ""}`);
    return 0;
  },
  printf: ({ args, streams }) => {
    const [format, ...values] = args[0] === "--" ? args.slice(1) : args;
    if (format === undefined) throw new CommandFailure("sh: printf: usage: printf format [arguments]", 2);
    outputOf(streams, 1).write(formatText(format, values));
    return 0;
  },
  set: ({ state, args }) => setOptions(state, args),
  shift: ({ state, args }) => {
    state.positional = state.positional.slice(Number(args[0] ?? 1));
    return 0;
  },
  export: ({ state, args }) => {
    for (const argument of args) state.exported.add(setVariable(state, argument));
    return 0;
  },
  readonly: ({ state, args }) => {
    for (const argument of args) setVariable(state, argument);
    return 0;
  },
  local: ({ state, args }) => {
    const locals = state.locals.at(-1);
    if (!locals) throw new CommandFailure("sh: local: not in a function", 2);
    for (const argument of args) {
      const name = argument.split("=")[0] ?? "";
      if (!locals.has(name)) locals.set(name, state.variables.get(name));
      setVariable(state, argument);
    }
    return 0;
  },
  unset: ({ state, args }) => {
    for (const name of args) {
      state.variables.delete(name);
      if (args[0] === "-f") state.functions.delete(name);
    }
    return 0;
  },
  read: readVariables,
  cd: changeDirectory,
  pwd: ({ state, streams }) => {
    outputOf(streams, 1).write(`${state.directory}\n`);
    return 0;
  },
  command: commandBuiltin,
  exec: async (call) => {
    // Only the redirecting form keeps the shell; the other one is the last thing it does.
    const [name, ...args] = call.args;
    if (name === undefined) return 0;
    throw new ShellExit(await runNamed(call.state, name, args, call.streams, true));
  },
  eval: ({ state, args, streams, isTested }) => runList(state, parseScript(args.join(" ")), streams, isTested),
  exit: ({ state, args }) => {
    throw new ShellExit(Number(args[0] ?? state.status));
  },
  return: jump("return"),
  break: jump("break"),
  continue: jump("continue"),
  trap: setTrap,
  wait: () => 0,
  umask: () => 0,
};
