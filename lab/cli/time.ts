// `lab time`: the clock of the rack, and what is due while it goes on.
import { simulatedNow } from "../rack/clock.ts";
import { letTimePass } from "../rack/kubernetes/cron-jobs.ts";
import type { LabCommand } from "./lab-command.ts";
import { renderTable } from "./table.ts";
import { UsageError } from "./usage-error.ts";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Simulated milliseconds as `2d 06:17`. */
function showMoment(ms: number): string {
  return `${Math.floor(ms / 86_400_000)}d ${new Date(ms).toISOString().slice(11, 16)}`;
}

export const time: LabCommand = {
  usage: ["lab time", "lab time pass <6h, 2d or 30m>"],
  summary: "lets time pass on the rack: CronJobs run, etcd is saved",
  async run(bench, { words: [verb, amount = ""] }, print) {
    const rack = bench.openRack();
    if (verb === undefined) {
      print(`${showMoment(simulatedNow(rack))} since the rack was put up`);
      return 0;
    }
    const [, count, unit = ""] = /^(\d+)([mhd])$/.exec(amount) ?? [];
    if (verb !== "pass" || count === undefined) throw new UsageError("say how much time is to pass", time.usage);
    const runs = await letTimePass(rack, Number(count) * (UNITS[unit] ?? 0));
    const rows = runs.map(({ job, at, problem }) => [
      showMoment(at),
      job,
      problem === undefined ? "ok" : "FAILED",
      problem ?? "",
    ]);
    print(rows.length === 0 ? "nothing was due" : renderTable(rows));
    return runs.some(({ problem }) => problem !== undefined) ? 1 : 0;
  },
};
