// What a command of the lab's command line is, and what it is given.
import type { Plan } from "../../plan/plan.ts";
import type { Rack } from "../rack/store.ts";
import type { CommandLine } from "./command-line.ts";

/** What the command line is told of the project it runs in. */
export interface Surroundings {
  /** Where the stack files lie. */
  readonly directory: string;
  /** Stacks that stand on a simulated rack. */
  readonly stacks: readonly string[];
  /** Who is changing a stack right now, e.g. `process 4711`. */
  workerOn(stack: string): string | undefined;
  print(text: string): void;
  complain(text: string): void;
}

/** The rack a command works on. */
export interface Bench {
  /** Stack that stands on it. */
  readonly stack: string;
  readonly rackName: string;
  /** The plan of that stack, where it is known. */
  readonly plan: Plan | undefined;
  /** Opens the rack; refused while there is no hardware in it. */
  openRack(): Rack;
  readonly directory: string;
  workerOn(stack: string): string | undefined;
}

export interface LabCommand {
  /** Without the leading `lab`. */
  readonly usage: readonly string[];
  readonly summary: string;
  /** Its first word may name the rack, instead of `--rack`. */
  readonly takesRackName?: boolean;
  /** Prints by `print`; returns the exit code. */
  run(bench: Bench, line: CommandLine, print: (text: string) => void): number | Promise<number>;
}
