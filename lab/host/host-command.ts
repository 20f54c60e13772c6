// What a simulated command of a host is: a function from arguments and streams to an exit status.

import type { ShellState } from "./shell/state.ts";
import type { Input, Output } from "./shell/streams.ts";

/** One run of a command. */
export interface HostCall {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The shell that runs it: working directory and variables. */
  readonly shell: ShellState;
}

/** Returns the exit status. A thrown `CommandFailure` is printed on stderr. */
export type HostCommand = (call: HostCall) => number | Promise<number>;

/** A command refuses: what it prints, and the exit status. */
export class CommandFailure extends Error {
  readonly status: number;
  constructor(message: string, status = 1) {
    super(message);
    this.name = "CommandFailure";
    this.status = status;
  }
}
