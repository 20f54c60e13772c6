// Preloaded into processes that are measured: notes at the end what the process took.
const { appendFileSync } = require("node:fs");

const file = process.env["BENCH_NOTES"];
if (file) {
  process.on("exit", () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    appendFileSync(file, `${JSON.stringify({ peakKiB: maxRSS, cpuMs: (userCPUTime + systemCPUTime) / 1000 })}\n`);
  });
}
