// Jobs whose pods run scripts: their pod starts, its script runs against the rack, and again when it fails, as often as the Job allows.

import { connect } from "../../rack/kubernetes/api-server.ts";
import { isScripted } from "../../rack/kubernetes/job-programs.ts";
import { runScriptedPod } from "../../rack/kubernetes/job-scripts.ts";
import { getObject, type Stored } from "../../rack/kubernetes/objects.ts";
import type { PodSpec } from "../../rack/kubernetes/pod-spec.ts";
import { listPods, podsOf } from "../../rack/kubernetes/pods.ts";
import { markDone } from "../../rack/kubernetes/releases.ts";
import type { Rack } from "../../rack/store.ts";
import { awaitReady, withApi } from "./waiting.ts";

function specOf({ object }: Stored): PodSpec {
  return (object.spec as { template?: { spec?: PodSpec } } | undefined)?.template?.spec ?? { containers: [] };
}

/** Whether the provider has to run an object rather than to wait for it. */
export function isScriptedJob(stored: Stored): boolean {
  return stored.object.kind === "Job" && stored.isDone !== true && isScripted({ spec: specOf(stored) });
}

/** Runs a Job to its end; returns why it failed, undefined when it is complete. */
export async function runJob(
  rack: Rack,
  kubeconfig: string,
  job: Stored,
  limitSec: number,
): Promise<string | undefined> {
  const { namespace = "default", name } = job.object.metadata;
  const spec = specOf(job);
  const attempts = Number((job.object.spec as { backoffLimit?: number } | undefined)?.backoffLimit ?? 6) + 1;
  const started = await awaitReady(rack, kubeconfig, limitSec, (api) => {
    const [pod] = podsOf(listPods(api), job);
    return { readiness: pod?.readiness ?? { blocked: "Job has no pods" }, finish: () => undefined };
  });
  if ("reason" in started) return started.reason;
  let log = "";
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const api = await withApi(rack, kubeconfig, () => connect(rack, kubeconfig));
    const run = await runScriptedPod(api, { namespace, spec });
    if (run.status === 0) {
      await withApi(rack, kubeconfig, (open) => {
        const stored = getObject(open, "batch/v1", "Job", namespace, name);
        if (stored) markDone(open, stored);
      });
      return undefined;
    }
    log = run.log;
  }
  const last = log.trim().split("\n").slice(-3).join(" · ");
  return `Job has failed: BackoffLimitExceeded: Job has reached the specified backoff limit: ${last}`;
}
