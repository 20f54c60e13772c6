// Runs a parsed script: pipelines, lists, compound commands, redirects, functions. Words are expanded in expand.ts, the commands that
// belong to the shell itself are in builtins.ts, all others are the host's.
import { CommandFailure, type HostCall } from "../host-command.ts";
import { BUILTINS } from "./builtins.ts";
import { Expander } from "./expand.ts";
import { parseScript } from "./parse.ts";
import { matchesPattern } from "./pattern.ts";
import { openRedirects } from "./redirect.ts";
import { ShellExit, type ShellHost, ShellJump, ShellState } from "./state.ts";
import { Collector, Input, type Output, type Streams } from "./streams.ts";
import { type AndOr, type Command, type List, type Pipeline, ShellSyntaxError } from "./syntax.ts";

/** How a script is started. */
export interface ScriptRun {
  readonly script: string;
  readonly host: ShellHost;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin?: string | undefined;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Runs a script as `sh -c` does; returns its exit status. */
export async function runScript({ script, host, environment, stdin, stdout, stderr }: ScriptRun): Promise<number> {
  const state = new ShellState(host);
  for (const [name, value] of Object.entries(environment)) {
    state.variables.set(name, value);
    state.exported.add(name);
  }
  const streams: Streams = new Map<number, Input | Output>([
    [0, new Input(stdin)],
    [1, stdout],
    [2, stderr],
  ]);
  try {
    return await runShell(state, parseScript(script), streams);
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error;
    stderr.write(`${error.message}\n`);
    return 2;
  }
}

export function outputOf(streams: Streams, fd: number): Output {
  const stream = streams.get(fd);
  if (stream === undefined || stream instanceof Input) throw new CommandFailure(`sh: ${fd}: Bad file descriptor`, 2);
  return stream;
}

function inputOf(streams: Streams): Input {
  const stream = streams.get(0);
  return stream instanceof Input ? stream : new Input();
}

/** Runs a list as a shell of its own: `exit` ends it, and its EXIT trap runs. */
async function runShell(state: ShellState, list: List, streams: Streams): Promise<number> {
  let status = await leaveShell(state, streams, () => runList(state, list, streams, false));
  const trap = state.exitTrap;
  if (trap !== undefined) {
    state.exitTrap = undefined;
    state.status = status;
    status = await leaveShell(state, streams, async () => {
      await runList(state, parseScript(trap), streams, true);
      return status;
    });
  }
  return status;
}

async function leaveShell(state: ShellState, streams: Streams, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ShellJump) return error.kind === "return" ? error.count : state.status;
    if (!(error instanceof ShellExit)) throw error;
    if (error.message !== "") outputOf(streams, 2).write(error.message);
    return error.status;
  }
}

/** `isTested`: the status is looked at (`if`, `&&`, `!`), so a failure does not end a shell under `set -e`. */
export async function runList(state: ShellState, list: List, streams: Streams, isTested: boolean): Promise<number> {
  let status = 0;
  for (const andOr of list) status = await runAndOr(state, andOr, streams, isTested);
  return status;
}

async function runAndOr(state: ShellState, { steps }: AndOr, streams: Streams, isTested: boolean): Promise<number> {
  for (const [index, { operator, pipeline }] of steps.entries()) {
    if (operator !== undefined && (operator === "&&") !== (state.status === 0)) continue;
    const isLast = index === steps.length - 1;
    state.status = await runPipeline(state, pipeline, streams, isTested || !isLast || pipeline.negated);
    if (pipeline.negated) state.status = Number(state.status === 0);
    else if (isLast && state.status !== 0 && state.options.exitOnError && !isTested) throw new ShellExit(state.status);
  }
  return state.status;
}

async function runPipeline(
  state: ShellState,
  { commands }: Pipeline,
  streams: Streams,
  isTested: boolean,
): Promise<number> {
  const [only] = commands;
  if (commands.length === 1 && only) return runCommand(state, only, streams, isTested);
  let status = 0;
  let stdin = inputOf(streams);
  for (const [index, command] of commands.entries()) {
    const isLast = index === commands.length - 1;
    const pipe = new Collector();
    const own = new Map(streams).set(0, stdin);
    if (!isLast) own.set(1, pipe);
    const child = state.fork();
    status = await leaveShell(child, own, () => runCommand(child, command, own, isTested));
    stdin = new Input(pipe.text);
  }
  return status;
}

async function runCommand(state: ShellState, command: Command, streams: Streams, isTested: boolean): Promise<number> {
  if (command.kind === "function") {
    state.functions.set(command.name, command.body);
    return 0;
  }
  if (command.kind === "simple") return runSimple(state, command, streams, isTested);
  const expander = new Expander(state, substituteWith(streams));
  const opened = await openRedirects(state, expander, command.redirects, streams);
  if (!opened) return 2;
  switch (command.kind) {
    case "group":
      return runList(state, command.body, opened, isTested);
    case "subshell":
      return runShell(state.fork(), command.body, opened);
    case "if":
      for (const { condition, body } of command.branches) {
        if ((await runList(state, condition, opened, true)) === 0) return runList(state, body, opened, isTested);
      }
      return command.otherwise ? runList(state, command.otherwise, opened, isTested) : 0;
    case "while":
    case "until":
      return runLoop(
        async () => ((await runList(state, command.condition, opened, true)) === 0) === (command.kind === "while"),
        () => runList(state, command.body, opened, isTested),
      );
    case "for": {
      const values = command.words ? await expander.fields(command.words) : [...state.positional];
      return runLoop(
        async () => {
          const value = values.shift();
          if (value !== undefined) state.variables.set(command.name, value);
          return value !== undefined;
        },
        () => runList(state, command.body, opened, isTested),
      );
    }
    case "case": {
      const text = await expander.text(command.word);
      for (const { patterns, body } of command.arms) {
        for (const pattern of patterns) {
          if (matchesPattern(text, await expander.pieces(pattern))) return runList(state, body, opened, isTested);
        }
      }
      return 0;
    }
  }
}

async function runLoop(next: () => Promise<boolean>, body: () => Promise<number>): Promise<number> {
  let status = 0;
  while (await next()) {
    try {
      status = await body();
    } catch (error) {
      if (!(error instanceof ShellJump) || error.kind === "return") throw error;
      if (error.count > 1) throw new ShellJump(error.kind, error.count - 1);
      status = 0;
      if (error.kind === "break") break;
    }
  }
  return status;
}

/** `$(…)` reads what the shell itself reads, and writes its errors where the shell writes them. */
function substituteWith(streams: Streams) {
  return async (state: ShellState, script: List): Promise<string> => {
    const collector = new Collector();
    state.substituted = await runShell(state.fork(), script, new Map(streams).set(1, collector));
    return collector.text;
  };
}

const SPECIAL = new Set([
  ":",
  ".",
  "eval",
  "exec",
  "exit",
  "export",
  "readonly",
  "return",
  "set",
  "shift",
  "trap",
  "unset",
  "break",
  "continue",
]);

type Simple = Extract<Command, { kind: "simple" }>;

async function runSimple(state: ShellState, command: Simple, streams: Streams, isTested: boolean): Promise<number> {
  const expander = new Expander(state, substituteWith(streams));
  state.substituted = 0;
  const words = await expander.fields(command.words);
  const assigned: [string, string][] = [];
  for (const { name, value } of command.assignments) assigned.push([name, await expander.text(value)]);
  const [name, ...args] = words;
  if (name === undefined) {
    for (const [key, value] of assigned) state.variables.set(key, value);
    const opened = await openRedirects(state, expander, command.redirects, streams);
    return opened ? state.substituted : 2;
  }
  if (state.options.trace) outputOf(streams, 2).write(`+ ${words.join(" ")}\n`);
  const opened = await openRedirects(state, expander, command.redirects, streams);
  if (!opened) return 1;
  // POSIX: an assignment before a special builtin stays.
  const before = (SPECIAL.has(name) ? [] : assigned).map(([key]) => [key, state.variables.get(key)] as const);
  for (const [key, value] of assigned) state.variables.set(key, value);
  try {
    return await runNamed(state, name, args, opened, isTested);
  } finally {
    for (const [key, value] of before)
      value === undefined ? state.variables.delete(key) : state.variables.set(key, value);
  }
}

/** Runs a function, a command of the shell, or a command of the host. */
export async function runNamed(
  state: ShellState,
  name: string,
  args: readonly string[],
  streams: Streams,
  isTested: boolean,
): Promise<number> {
  const body = state.functions.get(name);
  if (body) return runFunction(state, body, args, streams, isTested);
  const stderr = outputOf(streams, 2);
  const builtin = BUILTINS[name];
  const command = builtin ? undefined : state.host.command(name);
  if (!builtin && !command) {
    stderr.write(`sh: ${name}: not found\n`);
    return 127;
  }
  try {
    if (builtin) return await builtin({ state, args, streams, isTested });
    const call: HostCall = { name, args, stdin: inputOf(streams), stdout: outputOf(streams, 1), stderr, shell: state };
    return command ? await command(call) : 127;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (error.message !== "") stderr.write(`${error.message.replace(/\n$/, "")}\n`);
    return error.status;
  }
}

async function runFunction(
  state: ShellState,
  body: Command,
  args: readonly string[],
  streams: Streams,
  isTested: boolean,
): Promise<number> {
  const positional = state.positional;
  const locals = new Map<string, string | undefined>();
  state.positional = [...args];
  state.locals.push(locals);
  try {
    return await runCommand(state, body, streams, isTested);
  } catch (error) {
    if (error instanceof ShellJump && error.kind === "return") return error.count;
    throw error;
  } finally {
    state.locals.pop();
    state.positional = positional;
    for (const [key, value] of locals)
      value === undefined ? state.variables.delete(key) : state.variables.set(key, value);
  }
}
