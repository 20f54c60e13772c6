// Runs mocha in a process of its own and takes in what it counted.
import { fork } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../engine/engine-version.ts";
import type { Step, Tally } from "./step.ts";

const END_TO_END = "test/e2e/";
const CONFORMANCE = "test/conformance/";

/** What a mocha process is told. */
export interface MochaRun {
  readonly files: readonly string[];
  /** How many files run at the same time, each in a process of its own. */
  readonly jobs: number;
  readonly timeoutMs: number;
  readonly slowMs: number;
  /** Only tests whose title matches. */
  readonly grep?: string;
}

/** All test files, relative to the repository. */
export function testFiles(): string[] {
  return globSync("test/**/*.test.ts", { cwd: REPOSITORY }).sort();
}

/** Tests that need no engine. */
export function unitTests(): string[] {
  return testFiles().filter((file) => !file.startsWith(END_TO_END) && !file.startsWith(CONFORMANCE));
}

/** Tests through the real engine. */
export function endToEndTests(): string[] {
  return testFiles().filter((file) => file.startsWith(END_TO_END));
}

/** Tests against the real components. */
export function conformanceTests(): string[] {
  return testFiles().filter((file) => file.startsWith(CONFORMANCE));
}

/** A step that is one run of mocha, with its usual display. */
export function mochaStep(title: string, files: readonly string[], options: Omit<MochaRun, "files">): Step {
  return { title, run: () => runMocha({ files, ...options }) };
}

/** Runs mocha with its usual display, or none; what could not be counted has failed. */
export function runMocha(run: MochaRun, display: "inherit" | "ignore" = "inherit"): Promise<Tally> {
  return new Promise((resolve, reject) => {
    let tally: Tally | undefined;
    const child = fork(join(import.meta.dirname, "mocha-process.ts"), {
      cwd: REPOSITORY,
      stdio: ["ignore", display, display, "ipc"],
      execArgv: ["--disable-warning=ExperimentalWarning", "--require", join(REPOSITORY, "tools/engine/code-cache.cjs")],
    });
    child.on("message", (message) => {
      tally = message as Tally;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      // A process that broke off before it could count must not look like one without failures.
      const counted = tally ?? { passed: 0, failed: 1, skipped: 0 };
      resolve(code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted);
    });
    child.send(run);
  });
}
