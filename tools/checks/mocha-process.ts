// The process that mocha runs in: started by mocha-step.ts, told what to run, sends back the counts.
import { resolve } from "node:path";
import Mocha from "mocha";
import type { MochaRun } from "./mocha-step.ts";

process.once("message", async (message) => {
  const { files, jobs, timeoutMs, slowMs, grep } = message as MochaRun;
  const mocha = new Mocha({
    ui: "bdd",
    reporter: "spec",
    timeout: timeoutMs,
    slow: slowMs,
    // A lone `it.only` would make a suite pass that does not run.
    forbidOnly: true,
    parallel: jobs > 1,
    jobs,
    ...(grep === undefined ? {} : { grep }),
  });
  for (const file of files) mocha.addFile(resolve(file));
  // In parallel each file is loaded by the process that runs it.
  if (jobs === 1) await mocha.loadFilesAsync();
  const runner = mocha.run((failures) => {
    const { passes, pending } = runner.stats ?? { passes: 0, pending: 0 };
    // Sent before leaving: a test may have left a connection open that would keep the process for ever.
    process.send?.({ passed: passes, failed: failures, skipped: pending }, () => process.exit(failures > 0 ? 1 : 0));
  });
});
