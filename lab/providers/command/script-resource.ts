// What remote and local commands have in common: which script runs when, and what it gets from the run before.
import { randomBytes } from "node:crypto";
import type { Outputs } from "../../host/script-outputs.ts";
import type { Context, ResourceHandler } from "../../plugin/contract.ts";

/** Inputs that decide which script runs. */
export interface ScriptInputs {
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly environment?: Record<string, string>;
  readonly addPreviousOutputInEnv?: boolean;
}

export type ScriptState<I> = I & { stdout: string; stderr: string };

/** Runs one script. */
type RunScript<I> = (
  context: Context,
  inputs: I,
  script: string,
  environment: Record<string, string>,
) => Promise<Outputs>;

function environmentOf(inputs: ScriptInputs, before: Partial<Outputs>): Record<string, string> {
  const previous =
    inputs.addPreviousOutputInEnv === false
      ? {}
      : {
          ...(before.stdout ? { PULUMI_COMMAND_STDOUT: before.stdout } : {}),
          ...(before.stderr ? { PULUMI_COMMAND_STDERR: before.stderr } : {}),
        };
  return { ...inputs.environment, ...previous };
}

/** The resource around `run`. Read finds nothing: a script's effect is not asked for again, as with the official plug-in. */
export function scriptResource<I extends ScriptInputs>(
  run: RunScript<I>,
  rackName: (inputs: Partial<I>) => string,
): ResourceHandler<I, ScriptState<I>, true> {
  return {
    outside: true,
    rackName,
    volatile: ["stdout", "stderr"],
    latencyMs: { create: 300, update: 300, delete: 300 },
    async create(context, inputs) {
      const id = `${context.name}${randomBytes(4).toString("hex")}`;
      const outputs =
        inputs.create === undefined
          ? { stdout: "", stderr: "" }
          : await run(context, inputs, inputs.create, environmentOf(inputs, {}));
      return { id, outputs: outputs as Partial<ScriptState<I>> };
    },
    read: (_context, _id, state) => ({ outputs: state }),
    async update(context, _id, inputs, state) {
      const script = inputs.update ?? inputs.create;
      const before = { stdout: state.stdout, stderr: state.stderr };
      if (script === undefined) return before as Partial<ScriptState<I>>;
      return (await run(context, inputs, script, environmentOf(inputs, before))) as Partial<ScriptState<I>>;
    },
    async delete(context, _id, state) {
      if (state.delete !== undefined) await run(context, state, state.delete, environmentOf(state, state));
    },
  };
}
