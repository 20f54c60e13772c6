// The parts that check and test are made of.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { REPOSITORY } from "../engine/engine-version.ts";
import { conformanceTests, endToEndTests, mochaStep, unitTests } from "./mocha-step.ts";
import { programStep, type Step } from "./step.ts";

/** Files of tests that run at the same time: each takes a processor, and an end-to-end one a gigabyte. */
const jobs = Math.min(availableParallelism(), 4);

const BIOME = "node_modules/@biomejs/biome/bin/biome";

/** The TypeScript compiler over everything; it writes nothing. */
export const typeCheck: Step = programStep("types", "node_modules/typescript/bin/tsc", ["--project", "."]);

/** Lint, format and order of imports in one pass. `npm run format` mends what can be mended. */
export const lintAndFormat: Step = programStep("lint and format", BIOME, ["ci", "--error-on-warnings", "."]);

/** Generated documents say what the plan says. */
export const docsUpToDate: Step = {
  title: "docs up to date",
  run: async () => {
    if (existsSync(join(REPOSITORY, "tools/docs.ts"))) return programStep("", "tools/docs.ts", ["--check"]).run();
    console.error("error: tools/docs.ts is missing, so nothing tells whether docs/ is up to date");
    return { passed: 0, failed: 1, skipped: 0 };
  },
};

/** Everything that needs no engine. */
export function unitStep(): Step {
  return mochaStep("unit tests", unitTests(), { jobs, timeoutMs: 10_000, slowMs: 500 });
}

/** The real engine on simulated racks. */
export function endToEndStep(): Step {
  return mochaStep("end-to-end tests", endToEndTests(), { jobs, timeoutMs: 600_000, slowMs: 120_000 });
}

/** Everything held against the real components, which the first run builds; one after the other, since they share ports and networks. */
export function conformanceStep(): Step {
  return mochaStep("conformance", conformanceTests(), { jobs: 1, timeoutMs: 900_000, slowMs: 60_000 });
}
