// One part of `npm run check` and `npm test`, and the sum of all of them.

import { REPOSITORY } from "../engine/engine-version.ts";
import { handOver } from "../engine/run-command.mjs";

/** What a part came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A part: a title and the work. */
export interface Step {
  readonly title: string;
  run(): Promise<Tally>;
}

/** A step that is one Node.js program; it counts only when it fails. */
export function programStep(title: string, file: string, programArguments: readonly string[] = []): Step {
  return {
    title,
    run: async () => {
      const node = ["--disable-warning=ExperimentalWarning", file, ...programArguments];
      const code = await handOver(process.execPath, node, { cwd: REPOSITORY });
      return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
    },
  };
}

/** The closing line of a run. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Runs all steps, whatever becomes of the ones before, and prints the sum last; returns the exit code. */
export async function runSteps(steps: readonly Step[]): Promise<number> {
  const failures: string[] = [];
  let total: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const step of steps) {
    console.log(`\n== ${step.title}`);
    const start = Date.now();
    const tally = await step.run();
    total = {
      passed: total.passed + tally.passed,
      failed: total.failed + tally.failed,
      skipped: total.skipped + tally.skipped,
    };
    if (tally.failed > 0) failures.push(step.title);
    console.log(
      `== ${step.title}: ${tally.failed > 0 ? "failed" : "ok"} in ${((Date.now() - start) / 1000).toFixed(1)} s`,
    );
  }
  if (failures.length > 0) console.log(`\nfailed: ${failures.join(", ")}`);
  console.log(`\n${closingLine(total)}`);
  return failures.length > 0 ? 1 : 0;
}
