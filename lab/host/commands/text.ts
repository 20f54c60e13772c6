// grep, sed, awk and the like are this machine's own, run on text: they see no file of it, because files are handed to them as copies.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";

/** How a program reads its command line. */
interface Program {
  /** Options that take an argument. */
  readonly withArgument: string;
  /** Options that give the script; without one, the first operand is it. */
  readonly scriptOptions?: string;
  /** None of its operands is a file. */
  readonly takesNoFiles?: boolean;
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  grep: { withArgument: "efmABC", scriptOptions: "ef" },
  sed: { withArgument: "efl", scriptOptions: "ef" },
  awk: { withArgument: "fFv", scriptOptions: "f" },
  sort: { withArgument: "kto" },
  uniq: { withArgument: "fsw" },
  head: { withArgument: "nc" },
  tail: { withArgument: "nc" },
  wc: { withArgument: "" },
  cut: { withArgument: "bcdf" },
  tr: { withArgument: "", takesNoFiles: true },
  seq: { withArgument: "sf", takesNoFiles: true },
  tac: { withArgument: "" },
  diff: { withArgument: "U" },
};

interface CommandLine {
  /** Options and script, as they were given. */
  readonly options: readonly string[];
  readonly files: readonly string[];
}

function readCommandLine(program: Program, args: readonly string[]): CommandLine {
  const options: string[] = [];
  const operands: string[] = [];
  let hasScript = program.scriptOptions === undefined;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    if (argument === "-" || !argument.startsWith("-")) {
      operands.push(argument);
      continue;
    }
    options.push(argument);
    if (argument.startsWith("--")) continue;
    const letters = argument.slice(1);
    const at = [...letters].findIndex((letter) => program.withArgument.includes(letter));
    if (at < 0) continue;
    if (program.scriptOptions?.includes(letters[at] ?? "")) hasScript = true;
    if (at === letters.length - 1) {
      index += 1;
      options.push(args[index] ?? "");
    }
  }
  const script = hasScript ? [] : operands.splice(0, 1);
  return program.takesNoFiles
    ? { options: [...options, ...operands], files: [] }
    : { options: [...options, ...script], files: operands };
}

function locate(program: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/bin"];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runProgram(program: string, args: readonly string[], stdin: string, directory: string): Promise<Ran> {
  const path = locate(program);
  if (path === undefined)
    throw new CommandFailure(`sh: ${program}: not found on this machine; the simulated hosts borrow it`, 127);
  return new Promise((resolve, reject) => {
    // Nothing of this machine: no search path for awk's system(), an empty working directory.
    const child = spawn(path, [...args], { cwd: directory, env: { LC_ALL: "C", PATH: "/nonexistent" } });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? 1, stdout, stderr }));
    // A program that has read enough closes its input: head.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
  });
}

/** Copies of the files, at the same place under a directory that is gone afterwards. */
async function withCopies<T>(
  contents: ReadonlyMap<string, string>,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "rack-host-"));
  try {
    for (const [path, text] of contents) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function report({ stdout, stderr }: HostCall, ran: Ran, directory: string): number {
  stdout.write(ran.stdout.replaceAll(directory, ""));
  stderr.write(ran.stderr.replaceAll(directory, "").replaceAll(/^\S*\/(?=(?:sed|grep|awk|mawk): )/gm, ""));
  return ran.status;
}

async function runOnCopies({ files }: HostContext, call: HostCall): Promise<number> {
  const program = PROGRAMS[call.name.split("/").at(-1) ?? ""] ?? { withArgument: "" };
  const line = readCommandLine(program, call.args);
  const inPlace = call.name === "sed" ? line.options.find((option) => /^-i|^--in-place/.test(option)) : undefined;
  const contents = new Map<string, string>();
  let missing = 0;
  const operands: string[] = [];
  for (const operand of line.files) {
    const path = call.shell.path(operand);
    const text = operand === "-" ? undefined : files.read(path);
    if (text !== undefined) contents.set(path, text);
    else if (operand !== "-") {
      missing = 2;
      if (!call.args.includes("-s")) call.stderr.write(`${call.name}: ${operand}: No such file or directory\n`);
      continue;
    }
    operands.push(operand === "-" ? "-" : path);
  }
  if (line.files.length > 0 && operands.length === 0) return missing;
  const readsStdin = line.files.length === 0 || operands.includes("-");
  return withCopies(contents, async (directory) => {
    const options = line.options.filter((option) => option !== inPlace);
    if (inPlace !== undefined) return editInPlace(files, call, options, operands, directory);
    const paths = operands.map((operand) => (operand === "-" ? "-" : join(directory, operand)));
    const ran = await runProgram(call.name, [...options, ...paths], readsStdin ? call.stdin.readAll() : "", directory);
    return Math.max(report(call, ran, directory), missing);
  });
}

async function editInPlace(
  files: HostContext["files"],
  call: HostCall,
  options: string[],
  operands: readonly string[],
  directory: string,
): Promise<number> {
  for (const operand of operands) {
    const ran = await runProgram("sed", [...options, join(directory, operand)], "", directory);
    if (ran.status !== 0) return report(call, ran, directory);
    files.write(operand, ran.stdout);
  }
  return 0;
}

/** Programs for text: this machine's own, run on copies. */
export function textCommands(context: HostContext): CommandTable {
  const run = (call: HostCall) => runOnCopies(context, call);
  return Object.fromEntries(Object.keys(PROGRAMS).map((name) => [name, { run }]));
}
