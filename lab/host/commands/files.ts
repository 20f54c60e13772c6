// Commands that put the host's files in place: copies, directories, permissions.
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext, InstalledCommand } from "../installed-command.ts";
import { parseShortOptions, type ShortOptions } from "../short-options.ts";
import { baseName, contentOf, destination, directoryOf, forEachOperand, printing } from "./file-paths.ts";

function copy(context: HostContext, call: HostCall, source: string, target: string, mode?: string): void {
  const text = contentOf(context, call, source);
  const { files } = context;
  files.write(destination(context, call, source, target), text, mode ?? files.mode(call.shell.path(source)));
}

/** `cp` and `mv`: all operands but the last are sources. */
function copying(context: HostContext, removesSource: boolean): InstalledCommand {
  return {
    run(call) {
      const { operands } = parseShortOptions(call.args);
      const target = operands.pop();
      if (target === undefined || operands.length === 0) throw new CommandFailure(`${call.name}: missing file operand`);
      for (const source of operands) {
        copy(context, call, source, target);
        if (removesSource) context.files.remove(call.shell.path(source));
      }
      return 0;
    },
  };
}

function install(context: HostContext, call: HostCall): number {
  const { flags, operands, values } = parseShortOptions(call.args, "mogt");
  const mode = (values.get("m") ?? values.get("mode") ?? "755").replace(/^0+/, "");
  const { files } = context;
  if (flags.has("d")) {
    for (const operand of operands) files.makeDirectory(call.shell.path(operand));
    return 0;
  }
  const target = values.get("t") ?? operands.pop();
  if (target === undefined || operands.length === 0) throw new CommandFailure("install: missing file operand");
  if (flags.has("D")) files.makeDirectory(directoryOf(call.shell.path(target)));
  for (const source of operands) copy(context, call, source, target, mode);
  return 0;
}

function remove({ files }: HostContext, call: HostCall, operand: string, { flags }: ShortOptions): void {
  const path = call.shell.path(operand);
  const isDirectory = files.isDirectory(path);
  if (files.read(path) === undefined && !isDirectory) {
    if (flags.has("f")) return;
    throw new CommandFailure(`rm: cannot remove '${operand}': No such file or directory`);
  }
  if (isDirectory && !flags.has("r") && !flags.has("R"))
    throw new CommandFailure(`rm: cannot remove '${operand}': Is a directory`);
  for (const file of [...files.paths().filter((candidate) => candidate.startsWith(`${path}/`)), path])
    files.remove(file);
}

function makeDirectory({ files }: HostContext, call: HostCall, operand: string, { flags }: ShortOptions): void {
  const path = call.shell.path(operand);
  const refuse = (why: string) => new CommandFailure(`mkdir: cannot create directory '${operand}': ${why}`);
  if (files.isDirectory(path) && !flags.has("p")) throw refuse("File exists");
  if (!files.isDirectory(directoryOf(path)) && !flags.has("p")) throw refuse("No such file or directory");
  files.makeDirectory(path);
}

function changeMode(context: HostContext, call: HostCall): number {
  const [mode = "", ...operands] = call.args;
  const bits = /^0?[0-7]{3}$/.test(mode) ? mode.slice(-3) : mode.includes("+x") ? "755" : "644";
  for (const operand of operands) {
    const path = call.shell.path(operand);
    if (!context.files.isDirectory(path)) context.files.write(path, contentOf(context, call, operand), bits);
  }
  return 0;
}

function list({ files }: HostContext, call: HostCall, operand: string): string {
  const path = call.shell.path(operand);
  if (files.read(path) !== undefined) return `${operand}\n`;
  if (!files.isDirectory(path))
    throw new CommandFailure(`ls: cannot access '${operand}': No such file or directory`, 2);
  const base = path === "/" ? "/" : `${path}/`;
  const names = files
    .paths()
    .flatMap((file) => (file.startsWith(base) ? [file.slice(base.length).split("/")[0] ?? ""] : []));
  return [...new Set(names)].map((name) => `${name}\n`).join("");
}

function makeTemporary({ files }: HostContext, call: HostCall): string {
  const { flags, operands } = parseShortOptions(call.args, "p");
  const template = operands[0] ?? "/tmp/tmp.XXXXXXXXXX";
  const random = (marks: string) => Array.from(marks, () => Math.floor(Math.random() * 36).toString(36)).join("");
  const path = call.shell.path(template.replace(/X{3,}/, random));
  if (flags.has("d")) files.makeDirectory(path);
  else files.write(path, "", "600");
  return `${path}\n`;
}

/** Commands about files and folders. */
export function fileCommands(context: HostContext): CommandTable {
  const { files } = context;
  const ownPath = forEachOperand((call, operand) => call.stdout.write(`${call.shell.path(operand)}\n`));
  return {
    cp: copying(context, false),
    mv: copying(context, true),
    install: { run: (call) => install(context, call) },
    rm: forEachOperand((call, operand, options) => remove(context, call, operand, options)),
    mkdir: forEachOperand((call, operand, options) => makeDirectory(context, call, operand, options), "m"),
    touch: forEachOperand((call, operand) => {
      const path = destination(context, call, operand, operand);
      if (files.read(path) === undefined) files.write(path, "");
    }),
    chmod: { run: (call) => changeMode(context, call) },
    chown: { run: () => 0 },
    ls: printing((call) => {
      const { operands } = parseShortOptions(call.args);
      return (operands.length > 0 ? operands : ["."]).map((operand) => list(context, call, operand)).join("");
    }),
    // The rack has no symbolic links to follow.
    readlink: ownPath,
    realpath: ownPath,
    basename: printing(({ args: [path = "", suffix = "\0"] }) => `${baseName(path).replace(suffix, "")}\n`),
    dirname: printing(({ args: [path = ""] }) => `${directoryOf(path)}\n`),
    mktemp: printing((call) => makeTemporary(context, call)),
  };
}
