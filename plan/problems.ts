// What a person is told: one Problem per mistake, all of them at once, each with a stable code and the way out.

import type { ProblemCode } from "./problem-codes.ts";

/** How bad: an error stops the preview, a warning is a risk taken knowingly, a note explains. */
export type Severity = "error" | "warning" | "note";

/** One finding about the description. */
export interface Problem {
  /** Stable: documented in docs/reference/problems.md, has a fixture. */
  readonly code: ProblemCode;
  readonly severity: Severity;
  /** Where in the environment, e.g. `nodes.talos-k8s-01.addresses.workload`. */
  readonly path: string;
  /** What is wrong with which value; what to do. Lower case, no full stop. */
  readonly message: string;
}

/** Finds the line (1-based) of a path in the file that a person edits. */
export type LineOf = (path: string) => number | undefined;

const order: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** Sorted for reading: errors first, then by path and code. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) =>
      order[a.severity] - order[b.severity] ||
      compare(a.path, b.path) ||
      compare(a.code, b.code) ||
      compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One line a problem: `error hosts.a.bonds.bond0 (line 12): message  [code]`. */
export function renderProblem(problem: Problem, lineOf?: LineOf): string {
  return `${problem.severity} ${renderFinding(problem, lineOf)}`;
}

/** The same for where the severity is shown already: `hosts.a.bonds.bond0 (line 12): message  [code]`. */
export function renderFinding(problem: Problem, lineOf: LineOf = () => undefined): string {
  const line = lineOf(problem.path);
  const where = line === undefined ? problem.path : `${problem.path} (line ${line})`;
  return `${where}: ${problem.message}  [${problem.code}]`;
}

/** The description was refused; nothing was registered. */
export class PlanError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], file: string, lineOf?: LineOf) {
    const errors = problems.filter((p) => p.severity === "error").length;
    const lines = sortProblems(problems).map((p) => `  ${renderProblem(p, lineOf)}`);
    super(
      `${file} was refused with ${errors} ${errors === 1 ? "error" : "errors"}; nothing was changed\n${lines.join("\n")}`,
    );
    this.name = "PlanError";
    this.problems = problems;
  }
}
