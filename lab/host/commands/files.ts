// Commands that work on the host's files.
import { createHash } from "node:crypto";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../simulated-host.ts";

interface Split {
  /** Short options, each letter by itself, and long ones by name. */
  readonly flags: ReadonlySet<string>;
  readonly operands: string[];
  readonly values: ReadonlyMap<string, string>;
}

/** Short options as coreutils take them; `withValue` lists those with an argument. */
function split(args: readonly string[], withValue = ""): Split {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    if (argument === "--") return { flags, values, operands: [...operands, ...args.slice(index + 1)] };
    if (argument === "-" || !argument.startsWith("-")) operands.push(argument);
    else if (argument.startsWith("--")) {
      const [name = "", value] = argument.slice(2).split("=");
      flags.add(name);
      if (value !== undefined) values.set(name, value);
    } else {
      for (const letter of argument.slice(1)) {
        flags.add(letter);
        if (!withValue.includes(letter)) continue;
        const rest = argument.slice(argument.indexOf(letter) + 1);
        if (rest === "") index += 1;
        values.set(letter, rest === "" ? (args[index] ?? "") : rest);
        break;
      }
    }
  }
  return { flags, operands, values };
}

const baseName = (path: string) => path.replace(/\/+$/, "").split("/").at(-1) ?? "";
const directoryOf = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/";

export function fileCommands({ files }: HostContext): CommandTable {
  const content = ({ name, shell }: HostCall, operand: string): string => {
    const path = shell.path(operand);
    const text = files.read(path);
    if (text !== undefined) return text;
    if (path === "/dev/null") return "";
    throw new CommandFailure(
      `${name}: ${operand}: ${files.isDirectory(path) ? "Is a directory" : "No such file or directory"}`,
    );
  };
  /** Where a file lands: in the directory, or at the path itself. */
  const destination = ({ name, shell }: HostCall, source: string, target: string): string => {
    const path = shell.path(target);
    if (files.isDirectory(path)) return `${path === "/" ? "" : path}/${baseName(source)}`;
    if (!files.isDirectory(directoryOf(path))) {
      throw new CommandFailure(`${name}: cannot create regular file '${target}': No such file or directory`);
    }
    return path;
  };
  const copy = (call: HostCall, source: string, target: string, mode?: string) => {
    const text = content(call, source);
    files.write(destination(call, source, target), text, mode ?? files.mode(call.shell.path(source)));
  };
  const each = (work: (call: HostCall, operand: string, options: Split) => void, withValue = "") => ({
    run: (call: HostCall) => {
      const options = split(call.args, withValue);
      for (const operand of options.operands) work(call, operand, options);
      return 0;
    },
  });
  const hash = (algorithm: string) => ({
    run: (call: HostCall) => {
      const { operands } = split(call.args);
      for (const operand of operands.length > 0 ? operands : ["-"]) {
        const text = operand === "-" ? call.stdin.readAll() : content(call, operand);
        call.stdout.write(`${createHash(algorithm).update(text).digest("hex")}  ${operand}\n`);
      }
      return 0;
    },
  });
  const remove = (call: HostCall, operand: string, { flags }: Split) => {
    const path = call.shell.path(operand);
    const inside = files.paths().filter((file) => file.startsWith(`${path}/`));
    const isRecursive = flags.has("r") || flags.has("R");
    if (files.read(path) === undefined && !files.isDirectory(path)) {
      if (!flags.has("f")) throw new CommandFailure(`rm: cannot remove '${operand}': No such file or directory`);
    } else if (files.isDirectory(path) && !isRecursive)
      throw new CommandFailure(`rm: cannot remove '${operand}': Is a directory`);
    else for (const file of [...inside, path]) files.remove(file);
  };
  return {
    cat: {
      run: (call) => {
        const { operands } = split(call.args);
        for (const operand of operands.length > 0 ? operands : ["-"])
          call.stdout.write(operand === "-" ? call.stdin.readAll() : content(call, operand));
        return 0;
      },
    },
    tee: {
      run: (call) => {
        const { flags, operands } = split(call.args);
        const text = call.stdin.readAll();
        call.stdout.write(text);
        for (const operand of operands) {
          const path = destination(call, operand, operand);
          files.write(path, flags.has("a") ? (files.read(path) ?? "") + text : text);
        }
        return 0;
      },
    },
    cp: {
      run: (call) => {
        const { operands } = split(call.args);
        const target = operands.pop();
        if (target === undefined || operands.length === 0) throw new CommandFailure("cp: missing file operand");
        for (const source of operands) copy(call, source, target);
        return 0;
      },
    },
    mv: {
      run: (call) => {
        const { operands } = split(call.args);
        const target = operands.pop();
        if (target === undefined || operands.length === 0) throw new CommandFailure("mv: missing file operand");
        for (const source of operands) {
          copy(call, source, target);
          files.remove(call.shell.path(source));
        }
        return 0;
      },
    },
    install: {
      run: (call) => {
        const { flags, operands, values } = split(call.args, "mogt");
        const mode = (values.get("m") ?? values.get("mode") ?? "755").replace(/^0+/, "");
        if (flags.has("d")) {
          for (const operand of operands) files.makeDirectory(call.shell.path(operand));
          return 0;
        }
        const target = values.get("t") ?? operands.pop();
        if (target === undefined || operands.length === 0) throw new CommandFailure("install: missing file operand");
        for (const source of operands) {
          if (flags.has("D")) files.makeDirectory(directoryOf(call.shell.path(target)));
          if (source === "/dev/stdin") files.write(destination(call, source, target), call.stdin.readAll(), mode);
          else copy(call, source, target, mode);
        }
        return 0;
      },
    },
    rm: each(remove),
    mkdir: each((call, operand, { flags }) => {
      const path = call.shell.path(operand);
      if (files.isDirectory(path) && !flags.has("p"))
        throw new CommandFailure(`mkdir: cannot create directory '${operand}': File exists`);
      if (!files.isDirectory(directoryOf(path)) && !flags.has("p")) {
        throw new CommandFailure(`mkdir: cannot create directory '${operand}': No such file or directory`);
      }
      files.makeDirectory(path);
    }, "m"),
    touch: each((call, operand) => {
      const path = destination(call, operand, operand);
      if (files.read(path) === undefined) files.write(path, "");
    }),
    chmod: {
      run: (call) => {
        const [mode = "", ...operands] = call.args;
        for (const operand of operands) {
          const path = call.shell.path(operand);
          const bits = /^0?[0-7]{3}$/.test(mode) ? mode.slice(-3) : /\+x/.test(mode) ? "755" : "644";
          files.write(path, content(call, operand), bits);
        }
        return 0;
      },
    },
    chown: { run: () => 0 },
    cmp: {
      run: (call) => {
        const { flags, operands } = split(call.args);
        const isQuiet = flags.has("s") || flags.has("quiet") || flags.has("silent");
        const texts: string[] = [];
        for (const operand of [operands[0] ?? "-", operands[1] ?? "-"]) {
          const text = operand === "-" ? call.stdin.readAll() : files.read(call.shell.path(operand));
          if (text !== undefined) texts.push(text);
          else if (isQuiet) return 2;
          else throw new CommandFailure(`cmp: ${operand}: No such file or directory`, 2);
        }
        if (texts[0] === texts[1]) return 0;
        if (!isQuiet) call.stdout.write(`${operands[0]} ${operands[1] ?? "-"} differ\n`);
        return 1;
      },
    },
    ls: {
      run: (call) => {
        const { operands } = split(call.args);
        for (const operand of operands.length > 0 ? operands : ["."]) {
          const path = call.shell.path(operand);
          if (files.read(path) !== undefined) call.stdout.write(`${operand}\n`);
          else if (!files.isDirectory(path))
            throw new CommandFailure(`ls: cannot access '${operand}': No such file or directory`, 2);
          else {
            const base = path === "/" ? "/" : `${path}/`;
            const names = files
              .paths()
              .flatMap((file) => (file.startsWith(base) ? [file.slice(base.length).split("/")[0] ?? ""] : []));
            call.stdout.write([...new Set(names)].map((name) => `${name}\n`).join(""));
          }
        }
        return 0;
      },
    },
    readlink: each((call, operand) => call.stdout.write(`${call.shell.path(operand)}\n`)),
    realpath: each((call, operand) => call.stdout.write(`${call.shell.path(operand)}\n`)),
    basename: {
      run: ({ args, stdout }) => (stdout.write(`${baseName(args[0] ?? "").replace(args[1] ?? "\0", "")}\n`), 0),
    },
    dirname: { run: ({ args, stdout }) => (stdout.write(`${directoryOf(args[0] ?? "")}\n`), 0) },
    mktemp: {
      run: (call) => {
        const { flags, operands } = split(call.args, "p");
        const template = operands[0] ?? "/tmp/tmp.XXXXXXXXXX";
        const path = call.shell.path(
          template.replace(/X{3,}/, (xs) =>
            Math.random().toString(36).slice(2).padEnd(xs.length, "x").slice(0, xs.length),
          ),
        );
        if (flags.has("d")) files.makeDirectory(path);
        else files.write(path, "", "600");
        call.stdout.write(`${path}\n`);
        return 0;
      },
    },
    sha256sum: hash("sha256"),
    md5sum: hash("md5"),
    base64: {
      run: (call) => {
        const { flags, operands } = split(call.args, "w");
        const text =
          operands[0] === undefined || operands[0] === "-" ? call.stdin.readAll() : content(call, operands[0]);
        const isDecoding = flags.has("d") || flags.has("decode");
        call.stdout.write(
          isDecoding ? Buffer.from(text, "base64").toString() : `${Buffer.from(text).toString("base64")}\n`,
        );
        return 0;
      },
    },
  };
}
