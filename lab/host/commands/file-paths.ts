// What the file commands have in common: reading an operand, and where a copy lands.
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { HostContext, InstalledCommand } from "../installed-command.ts";
import { parseShortOptions, type ShortOptions } from "../short-options.ts";

export const baseName = (path: string) => path.replace(/\/+$/, "").split("/").at(-1) ?? "";
export const directoryOf = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/";

/** The text of an operand; refused like coreutils refuse it. */
export function contentOf({ files }: HostContext, { name, shell, stdin }: HostCall, operand: string): string {
  if (operand === "-" || operand === "/dev/stdin") return stdin.readAll();
  const path = shell.path(operand);
  const text = files.read(path);
  if (text !== undefined) return text;
  throw new CommandFailure(
    `${name}: ${operand}: ${files.isDirectory(path) ? "Is a directory" : "No such file or directory"}`,
  );
}

/** Where a file lands: in the directory, or at the path itself. */
export function destination({ files }: HostContext, { name, shell }: HostCall, source: string, target: string): string {
  const path = shell.path(target);
  if (files.isDirectory(path)) return `${path === "/" ? "" : path}/${baseName(source)}`;
  if (files.isDirectory(directoryOf(path))) return path;
  throw new CommandFailure(`${name}: cannot create regular file '${target}': No such file or directory`);
}

/** A command that does the same with each operand. */
export function forEachOperand(
  work: (call: HostCall, operand: string, options: ShortOptions) => void,
  withValue = "",
): InstalledCommand {
  return {
    run(call) {
      const options = parseShortOptions(call.args, withValue);
      for (const operand of options.operands) work(call, operand, options);
      return 0;
    },
  };
}

/** A command that only prints. */
export function printing(text: (call: HostCall) => string): InstalledCommand {
  return {
    run(call) {
      call.stdout.write(text(call));
      return 0;
    },
  };
}
