// What a running shell remembers, and how it is left early.

import type { HostCommand } from "../host-command.ts";
import type { HostFiles } from "../host-files.ts";
import type { Command, List } from "./syntax.ts";

/** Options of `set`: `-e`, `-u`, `-x`, `-f`. */
interface ShellOptions {
  exitOnError: boolean;
  refuseUnset: boolean;
  trace: boolean;
}

/** What the shell runs on: the files it sees and the commands it finds. */
export interface ShellHost {
  readonly files: HostFiles;
  /** The command of that name, if it is installed on the host. */
  command(name: string): HostCommand | undefined;
  /** Waits as long as `sleep` would on hardware, at the rack's pace. */
  sleep(seconds: number): Promise<void>;
}

/** One shell; a subshell gets a copy. */
export class ShellState {
  readonly host: ShellHost;
  variables = new Map<string, string>();
  exported = new Set<string>();
  functions = new Map<string, Command>();
  positional: string[] = [];
  options: ShellOptions = { exitOnError: false, refuseUnset: false, trace: false };
  /** `$?` */
  status = 0;
  /** How the last `$(…)` ended: the status of `x=$(false)`. */
  substituted = 0;
  exitTrap: string | undefined;
  directory = "/root";
  /** Functions being run: `return` and `local` are only allowed in one. */
  locals: Map<string, string | undefined>[] = [];

  constructor(host: ShellHost) {
    this.host = host;
  }

  fork(): ShellState {
    const copy = new ShellState(this.host);
    copy.variables = new Map(this.variables);
    copy.exported = new Set(this.exported);
    copy.functions = new Map(this.functions);
    copy.positional = [...this.positional];
    copy.options = { ...this.options };
    copy.status = this.status;
    copy.directory = this.directory;
    copy.locals = [...this.locals];
    return copy;
  }

  /** An absolute path, with `.` and `..` resolved. */
  path(operand: string): string {
    const parts: string[] = [];
    for (const part of (operand.startsWith("/") ? operand : `${this.directory}/${operand}`).split("/")) {
      if (part === "..") parts.pop();
      else if (part !== "" && part !== ".") parts.push(part);
    }
    return `/${parts.join("/")}`;
  }
}

/** `exit`, or an error that ends a shell. */
export class ShellExit extends Error {
  readonly status: number;
  constructor(status: number, message = "") {
    super(message);
    this.status = status;
  }
}

/** `break`, `continue` and `return`. */
export class ShellJump extends Error {
  readonly kind: "break" | "continue" | "return";
  /** Loops to leave, or the status to return. */
  readonly count: number;
  constructor(kind: "break" | "continue" | "return", count: number) {
    super(kind);
    this.kind = kind;
    this.count = count;
  }
}

/** Runs a list and gives what it wrote: for `$(…)`. */
export type Substitute = (state: ShellState, script: List) => Promise<string>;
