// Descriptions for tests: the repository's own racks and those of test/fixtures/valid, with single values changed.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { environmentSchema } from "../../config/schema.ts";
import { parseEnvironment } from "../../config/stack-file.ts";
import type { Plan } from "../../plan/plan.ts";
import { type Planned, planEnvironment } from "../../plan/plan-environment.ts";
import { type Problem, renderProblem, sortProblems } from "../../plan/problems.ts";

/** The repository. */
export const repository = join(import.meta.dirname, "../..");
/** Where the fixtures lie. */
export const fixtures = join(import.meta.dirname, "../fixtures");

/** Dotted key to new value, e.g. `vlans.storage.prefix` or `firewall.rules[0].to`; null takes the key away. */
export type Changes = Readonly<Record<string, unknown>>;

/** A rack of `test/fixtures/valid`, or the one that a stack file of the repository describes (default: homelab). */
export function rawEnvironment(name = "homelab"): unknown {
  const own = join(repository, `Pulumi.${name}.yaml`);
  if (existsSync(own)) {
    return (parse(readFileSync(own, "utf8")) as { config: Record<string, unknown> }).config["homelab:environment"];
  }
  const { base, change, environment } = readValid(name);
  return environment ?? withChanges(rawEnvironment(base), change ?? {});
}

/** A file of `test/fixtures/valid`. */
export interface ValidFixture {
  /** What is special about it. */
  readonly about: string;
  readonly base?: string;
  readonly change?: Changes;
  /** The whole description, where a base with changes would be longer. */
  readonly environment?: unknown;
  /** Warnings and notes as they are shown. */
  readonly problems?: readonly string[];
}

/** Reads a file of `test/fixtures/valid`. */
export function readValid(name: string): ValidFixture {
  return parse(readFileSync(join(fixtures, `valid/${name}.yaml`), "utf8"), { merge: true }) as ValidFixture;
}

/** The homelab with one value changed. */
export function withChange(path: string, value: unknown): unknown {
  return withChanges(rawEnvironment(), { [path]: value });
}

/** A description with values changed. */
export function withChanges(raw: unknown, changes: Changes): unknown {
  const copy = structuredClone(raw);
  for (const [path, value] of Object.entries(changes)) change(copy, path, value);
  return copy;
}

function change(root: unknown, path: string, value: unknown): void {
  const keys = path.split(/\.|(?=\[)/).map((key) => key.replace(/^\[(\d+)\]$/, "$1"));
  let at = root as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) {
    at[key] ??= {};
    at = at[key] as Record<string, unknown>;
  }
  const last = keys.at(-1) ?? "";
  if (value === null) delete at[last];
  else at[last] = value;
}

/** Everything that is said about a description: about its shape, or else about its meaning. */
export function problemsOf(raw: unknown): readonly Problem[] {
  const { environment, problems } = parseEnvironment(raw);
  return environment === undefined ? sortProblems(problems) : planEnvironment(environment).problems;
}

/** The same as a person sees it. */
export function shown(problems: readonly Problem[]): string[] {
  return problems.map((problem) => renderProblem(problem));
}

/** Plans a description whose shape is right. */
export function planned(raw: unknown): Planned {
  return planEnvironment(environmentSchema.parse(raw));
}

/** The plan of a rack; throws when there is an error in it. */
export function planOf(name = "homelab", changes: Changes = {}): Plan {
  const { plan, problems } = planned(withChanges(rawEnvironment(name), changes));
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length > 0) throw new Error(`${name} is wrong:\n${shown(errors).join("\n")}`);
  return plan;
}
