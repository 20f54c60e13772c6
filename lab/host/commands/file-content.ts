// Commands that read, compare and encode what is in files.
import { createHash } from "node:crypto";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";
import { parseShortOptions } from "../short-options.ts";
import { contentOf, destination, printing } from "./file-paths.ts";

function operandsOf(call: HostCall): string[] {
  const { operands } = parseShortOptions(call.args);
  return operands.length > 0 ? operands : ["-"];
}

function tee(context: HostContext, call: HostCall): number {
  const { flags, operands } = parseShortOptions(call.args);
  const { files } = context;
  const text = call.stdin.readAll();
  call.stdout.write(text);
  for (const operand of operands) {
    const path = destination(context, call, operand, operand);
    files.write(path, flags.has("a") ? `${files.read(path) ?? ""}${text}` : text);
  }
  return 0;
}

function compare(context: HostContext, call: HostCall): number {
  const { flags, operands } = parseShortOptions(call.args);
  const isQuiet = flags.has("s") || flags.has("quiet") || flags.has("silent");
  try {
    const [one, other] = [operands[0] ?? "-", operands[1] ?? "-"].map((operand) => contentOf(context, call, operand));
    if (one === other) return 0;
  } catch (error) {
    throw error instanceof CommandFailure ? new CommandFailure(isQuiet ? "" : error.message, 2) : error;
  }
  if (!isQuiet) call.stdout.write(`${operands.join(" ")} differ\n`);
  return 1;
}

/** Commands about what is in files. */
export function fileContentCommands(context: HostContext): CommandTable {
  const hashing = (algorithm: string) =>
    printing((call) =>
      operandsOf(call)
        .map(
          (operand) =>
            `${createHash(algorithm)
              .update(contentOf(context, call, operand))
              .digest("hex")}  ${operand}\n`,
        )
        .join(""),
    );
  return {
    cat: {
      run(call) {
        for (const operand of operandsOf(call)) call.stdout.write(contentOf(context, call, operand));
        return 0;
      },
    },
    tee: { run: (call) => tee(context, call) },
    cmp: { run: (call) => compare(context, call) },
    sha256sum: hashing("sha256"),
    md5sum: hashing("md5"),
    base64: printing((call) => {
      const { flags, operands } = parseShortOptions(call.args, "w");
      const text = contentOf(context, call, operands[0] ?? "-");
      const isDecoding = flags.has("d") || flags.has("decode");
      return isDecoding ? Buffer.from(text, "base64").toString() : `${Buffer.from(text).toString("base64")}\n`;
    }),
  };
}
