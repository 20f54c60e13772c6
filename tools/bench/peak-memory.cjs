// Preloaded into the program that is measured: notes what its process took when it ends.
const { appendFileSync } = require("node:fs");

const file = process.env["BENCH_PROGRAM_NOTES"];
if (file) {
  process.on("exit", () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    appendFileSync(file, `${JSON.stringify({ peakKiB: maxRSS, cpuMs: (userCPUTime + systemCPUTime) / 1000 })}\n`);
  });
}
