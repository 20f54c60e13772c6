// `npm test`: everything. `npm test -- <file>…` or `npm test -- --grep <text>` runs only those tests.
import { parseArgs } from "node:util";
import { mochaStep, testFiles } from "./checks/mocha-step.ts";
import { runSteps, type Step } from "./checks/step.ts";
import { docsUpToDate, endToEndStep, lintAndFormat, typeCheck, unitStep } from "./checks/steps.ts";
import { runEntryPoint } from "./engine/setup-error.mjs";

function steps(): Step[] {
  const { values, positionals } = parseArgs({ options: { grep: { type: "string" } }, allowPositionals: true });
  if (positionals.length === 0 && values.grep === undefined) {
    return [typeCheck, lintAndFormat, docsUpToDate, unitStep(), endToEndStep()];
  }
  const files = positionals.length > 0 ? positionals : testFiles();
  const options = { timeoutMs: 600_000, slowMs: 60_000, ...(values.grep === undefined ? {} : { grep: values.grep }) };
  return [mochaStep("chosen tests", files, options)];
}

await runEntryPoint(() => runSteps(steps()));
