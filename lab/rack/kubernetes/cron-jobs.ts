// CronJobs: what is due while time passes. Each runs as a Job whose pod has to find its place, its volumes and its secrets like any other.
import { jumpTo, simulatedNow } from "../clock.ts";
import type { Rack } from "../store.ts";
import { hasQuorum, listClusters } from "../talos/cluster.ts";
import { applyObject, deleteObject } from "./changes.ts";
import { runScriptedPod } from "./job-scripts.ts";
import { type Api, getObject, type JsonObject, listKind, type Stored } from "./objects.ts";
import type { PodSpec } from "./pod-spec.ts";
import { listPods, podsOf } from "./pods.ts";
import { markDone } from "./releases.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** One run of a CronJob. */
interface CronRun {
  readonly job: string;
  /** Simulated milliseconds. */
  readonly at: number;
  /** Absent: it succeeded. */
  readonly problem?: string;
}

interface CronSpec {
  schedule?: string;
  jobTemplate?: { spec?: JsonObject & { template?: { spec?: PodSpec } } };
}

/** Whether a field of a schedule (`*`, `* /5` without the blank, `17`, `1,2`) has a value. */
function has(field: string, value: number): boolean {
  const step = /^\*\/(\d+)$/.exec(field)?.[1];
  if (step !== undefined) return value % Number(step) === 0;
  return field === "*" || field.split(",").some((one) => Number(one) === value);
}

/** Moments after `from` and up to `until` at which a schedule is due; of day, month and weekday `*` only. */
export function dueTimes(schedule: string, from: number, until: number): number[] {
  const [minute = "", hour = "", ...days] = schedule.split(" ");
  if (days.length !== 3 || days.some((field) => field !== "*"))
    throw new Error(`the simulated CronJobs know of minutes and hours only, not of "${schedule}"`);
  const due: number[] = [];
  for (let at = (Math.floor(from / MINUTE) + 1) * MINUTE; at <= until; at += MINUTE) {
    const date = new Date(at);
    if (has(minute, date.getUTCMinutes()) && has(hour, date.getUTCHours())) due.push(at);
  }
  // What is due every few minutes does the same each time: the last one stands for all.
  const isFrequent = due.length > 1 && (due[1] ?? 0) - (due[0] ?? 0) < HOUR;
  return isFrequent ? due.slice(-1) : due;
}

async function runOnce(api: Api, cron: Stored, at: number): Promise<CronRun> {
  const { name, namespace = "default" } = cron.object.metadata;
  const { jobTemplate } = (cron.object.spec ?? {}) as CronSpec;
  const spec = jobTemplate?.spec?.template?.spec ?? { containers: [] };
  const metadata = { name: `${name}-${Math.floor(at / MINUTE)}`, namespace };
  const job = { apiVersion: "batch/v1", kind: "Job", metadata, spec: jobTemplate?.spec ?? {} };
  const run = { job: `${namespace}/${name}`, at };
  const readiness = api.rack.transaction(() => {
    const stored = applyObject(api, job, { manager: "cronjob-controller" });
    return podsOf(listPods(api), stored)[0]?.readiness ?? { blocked: "Job has no pods" };
  });
  try {
    if ("blocked" in readiness) return { ...run, problem: readiness.blocked };
    jumpTo(api.rack, readiness.at);
    for (const { persistentVolumeClaim } of spec.volumes ?? []) {
      const claim = getObject(api, "v1", "PersistentVolumeClaim", namespace, persistentVolumeClaim?.claimName ?? "");
      if (claim) markDone(api, claim);
    }
    const { status, log } = await runScriptedPod(api, { namespace, spec });
    return status === 0 ? run : { ...run, problem: log.trim() };
  } finally {
    api.rack.transaction(() => deleteObject(api, job.apiVersion, job.kind, namespace, metadata.name));
  }
}

/** Lets time pass, and runs what is due meanwhile. Where somebody sleeps (a latency scale above 0) time passes by itself only. */
export async function letTimePass(rack: Rack, ms: number): Promise<CronRun[]> {
  if (rack.settings.latencyScale > 0)
    throw new Error(`time passes by itself on rack ${rack.name}: its latencyScale is ${rack.settings.latencyScale}`);
  const from = simulatedNow(rack);
  const until = from + ms;
  const jobs = listClusters(rack)
    .filter((cluster) => hasQuorum(rack, cluster))
    .map((cluster): Api => ({ rack, cluster }))
    .flatMap((api) => listKind(api, "CronJob").map((cron) => ({ api, cron })));
  const due = jobs
    .flatMap(({ api, cron }) =>
      dueTimes(((cron.object.spec ?? {}) as CronSpec).schedule ?? "", from, until).map((at) => ({ api, cron, at })),
    )
    .sort((a, b) => a.at - b.at);
  const runs: CronRun[] = [];
  for (const { api, cron, at } of due) {
    jumpTo(rack, at);
    runs.push(await runOnce(api, cron, at));
  }
  jumpTo(rack, until);
  return runs;
}
