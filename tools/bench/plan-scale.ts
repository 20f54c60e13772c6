// How planning grows with the number of hosts: `node tools/bench/plan-scale.ts [hosts…]`. A benchmark, never a test: it prints.
import { planEnvironment } from "../../plan/plan-environment.ts";
import { largeEnvironment } from "./large-environment.ts";

/** The first ones are run before they are compiled. */
const rounds = 5;

/** Best time of several rounds, in milliseconds of one core. */
export function planningTimeMs(hosts: number): number {
  const environment = largeEnvironment(hosts);
  const times = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    const { problems } = planEnvironment(environment);
    const { user, system } = process.cpuUsage(before);
    const error = problems.find((problem) => problem.severity === "error");
    if (error !== undefined) throw new Error(`the generated description is wrong: ${error.path}: ${error.message}`);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

if (process.argv[1] === import.meta.filename) {
  const sizes = process.argv.slice(2).map(Number);
  console.log("   hosts    ms of one core    µs per host");
  for (const size of sizes.length > 0 ? sizes : [10, 100, 1000, 10_000]) {
    const ms = planningTimeMs(size);
    const perHost = ((ms * 1000) / size).toFixed(1);
    console.log(`${String(size).padStart(8)}${ms.toFixed(1).padStart(18)}${perHost.padStart(15)}`);
  }
}
