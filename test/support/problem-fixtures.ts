// The files of test/fixtures/invalid: one a problem code, with what must be said about it, word for word.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { loadStack } from "../../config/load.ts";
import { PlanError } from "../../plan/problems.ts";
import { type Changes, fixtures, problemsOf, rawEnvironment, shown, withChanges } from "./configs.ts";

/** One way to raise the problem. */
export interface ProblemCase {
  /** What the mistake is. */
  readonly about: string;
  /** A correct description, and what makes it wrong. */
  readonly base?: string;
  readonly change?: Changes;
  /** Or: stack files, and the stack that is loaded. */
  readonly files?: Readonly<Record<string, string>>;
  readonly load?: string;
  /** Or: the test that raises it, since it takes more than a description. */
  readonly test?: string;
  /** All that is said beyond what the base draws anyway. */
  readonly problems: readonly string[];
}

/** A file: its code and cases. */
export interface ProblemFixture {
  readonly code: string;
  readonly cases: readonly ProblemCase[];
}

/** Reads all of them, by code. */
export function problemFixtures(): readonly ProblemFixture[] {
  const directory = join(fixtures, "invalid");
  return readdirSync(directory)
    .map((file) => file.replace(/\.yaml$/, ""))
    .sort()
    .map((code) => ({
      code,
      cases: parse(readFileSync(join(directory, `${code}.yaml`), "utf8")) as ProblemCase[],
    }));
}

/** What is said about a case, without what its base draws. */
export function raised(one: ProblemCase): string[] {
  if (one.files !== undefined) return loaded(one.files, one.load ?? "");
  const base = rawEnvironment(one.base);
  const known = new Set(shown(problemsOf(base)));
  return shown(problemsOf(withChanges(base, one.change ?? {}))).filter((line) => !known.has(line));
}

function loaded(files: Readonly<Record<string, string>>, stack: string): string[] {
  const directory = mkdtempSync(join(tmpdir(), "stack-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    loadStack(directory, stack);
    return [];
  } catch (error) {
    if (error instanceof PlanError) return shown(error.problems);
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
