// From a stack's name to a checked Plan. Used by the program, the lab and the tools alike, so that all see the same description.
import { existsSync, readdirSync } from "node:fs";
import { nearest } from "../plan/nearest.ts";
import type { Plan } from "../plan/plan.ts";
import { planEnvironment } from "../plan/plan-environment.ts";
import type { ProblemCode } from "../plan/problem-codes.ts";
import { type LineOf, PlanError, type Problem } from "../plan/problems.ts";
import type { Environment } from "./schema.ts";
import { type Simulation, simulationSchema } from "./simulation.ts";
import { parseEnvironment, readStackFile, type StackFile, stackFileName } from "./stack-file.ts";

/** A stack whose description was accepted. */
export interface LoadedStack {
  readonly stack: string;
  readonly plan: Plan;
  /** Warnings and notes; there are no errors. */
  readonly problems: readonly Problem[];
  readonly lineOf: LineOf;
  /** File the description stands in. */
  readonly file: string;
  /** Present: the stack is a simulated twin. */
  readonly simulation?: Simulation;
}

/**
 * Loads and plans a stack.
 * @param override the environment as Pulumi's own configuration gives it (`--config-file`, ESC); default: from the stack's file
 * @throws PlanError with every problem at once
 */
export function loadStack(directory: string, stack: string, override?: unknown): LoadedStack {
  const own = readOrExplain(directory, stack);
  const simulation = parseSimulation(own);
  const source = simulation === undefined ? own : readOrExplain(directory, simulation.environment);
  if (source.problems.length > 0) throw new PlanError(source.problems, source.file);
  const raw = simulation === undefined ? (override ?? source.environment) : source.environment;
  if (raw === undefined) {
    throw new PlanError(
      [
        problem(
          "environment-missing",
          "homelab:environment",
          `${source.file} describes no rack; start from Pulumi.homelab.yaml`,
        ),
      ],
      source.file,
    );
  }
  const { plan, problems } = planRaw(raw, source.file, source.lineOf);
  return {
    stack,
    plan,
    problems,
    lineOf: source.lineOf,
    file: source.file,
    ...(simulation === undefined ? {} : { simulation }),
  };
}

/**
 * Plans a raw environment.
 * @throws PlanError with every problem at once
 */
function planRaw(raw: unknown, file: string, lineOf?: LineOf): { plan: Plan; problems: readonly Problem[] } {
  const { environment, problems } = parseEnvironment(raw);
  if (environment === undefined) throw new PlanError(problems, file, lineOf);
  return planOrThrow(environment, file, lineOf);
}

function planOrThrow(
  environment: Environment,
  file: string,
  lineOf?: LineOf,
): { plan: Plan; problems: readonly Problem[] } {
  const planned = planEnvironment(environment);
  if (planned.problems.some((p) => p.severity === "error")) throw new PlanError(planned.problems, file, lineOf);
  return planned;
}

function readOrExplain(directory: string, stack: string): StackFile {
  const file = stackFileName(stack);
  if (!existsSync(`${directory}/${file}`)) {
    const stacks = readdirSync(directory)
      .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
      .sort();
    const near = nearest(stack, stacks);
    throw new PlanError(
      [
        problem(
          "stack-unknown",
          file,
          `there is no description of a stack "${stack}"; ${near === undefined ? `choose one of ${stacks.join(", ") || "none"}, or write the file` : `did you mean "${near}"?`}`,
        ),
      ],
      file,
    );
  }
  return readStackFile(directory, stack);
}

function parseSimulation(file: StackFile): Simulation | undefined {
  if (file.simulation === undefined) return undefined;
  const result = simulationSchema.safeParse(file.simulation);
  if (result.success) return result.data;
  throw new PlanError(
    result.error.issues.map((issue) =>
      problem(
        "simulation-invalid",
        ["homelab:simulation", ...issue.path].join("."),
        `${issue.message}; see docs/reference/environment.md`,
      ),
    ),
    file.file,
  );
}

function problem(code: ProblemCode, path: string, message: string): Problem {
  return { code, severity: "error", path, message };
}
