// `npm test`: everything; `npm test -- --conformance` also what `npm run conformance` does. `npm test -- <file>…` or `npm test -- --grep <text>` runs only those tests.
import { parseArgs } from "node:util";
import { mochaStep, testFiles } from "./checks/mocha-step.ts";
import { runSteps, type Step } from "./checks/step.ts";
import { conformanceStep, docsUpToDate, endToEndStep, lintAndFormat, typeCheck, unitStep } from "./checks/steps.ts";
import { runEntryPoint } from "./engine/setup-error.mjs";

function steps(): Step[] {
  const { values, positionals } = parseArgs({
    options: { grep: { type: "string" }, conformance: { type: "boolean" } },
    allowPositionals: true,
  });
  if (positionals.length === 0 && values.grep === undefined) {
    const all = [typeCheck, lintAndFormat, docsUpToDate, unitStep(), endToEndStep()];
    return values.conformance ? [...all, conformanceStep()] : all;
  }
  const files = positionals.length > 0 ? positionals : testFiles();
  const options = {
    jobs: 1,
    timeoutMs: 600_000,
    slowMs: 60_000,
    ...(values.grep === undefined ? {} : { grep: values.grep }),
  };
  return [mochaStep("chosen tests", files, options)];
}

await runEntryPoint(() => runSteps(steps()));
