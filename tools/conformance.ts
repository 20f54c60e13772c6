// `npm run conformance`: holds everything against the real components and writes down what came of it. What they are built from comes from
// the package registries and is kept outside the work tree; the first run takes a while.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evidenceVariable } from "../conformance/piece.ts";
import { parseEvidence, renderVerified, verifiedPage } from "../conformance/render-verified.ts";
import { runSteps } from "./checks/step.ts";
import { conformanceStep } from "./checks/steps.ts";
import { REPOSITORY } from "./engine/engine-version.ts";
import { runEntryPoint } from "./engine/setup-error.mjs";

await runEntryPoint(async () => {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  const file = join(folder, "evidence.jsonl");
  writeFileSync(file, "");
  process.env[evidenceVariable] = file;
  try {
    const code = await runSteps([conformanceStep()]);
    const evidence = parseEvidence(readFileSync(file, "utf8"));
    if (evidence.length > 0) writeFileSync(join(REPOSITORY, verifiedPage), renderVerified(evidence));
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
