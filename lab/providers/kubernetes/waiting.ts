// Waiting as the official provider does: for readiness, up to a timeout, and then saying what it waited for.
import { setTimeout as sleep } from "node:timers/promises";
import { NotYet } from "../../plugin/contract.ts";
import { jumpTo, simulatedNow, waitLimitMs } from "../../rack/clock.ts";
import { connect } from "../../rack/kubernetes/api-server.ts";
import type { Readiness } from "../../rack/kubernetes/cluster-nodes.ts";
import type { Api } from "../../rack/kubernetes/objects.ts";
import { reconcileLinstor } from "../../rack/linstor/operator.ts";
import type { Rack } from "../../rack/store.ts";

const POLL_MS = 50;

/** Nothing came of it in time: `reason` is the obstacle at the end. */
interface TimedOut {
  readonly reason: string;
}

/** Connects, and has something done in one transaction; waits for the API server as the client library does. */
export async function withApi<T>(rack: Rack, kubeconfig: string, work: (api: Api) => T): Promise<T> {
  const started = Date.now();
  for (;;) {
    try {
      return rack.transaction(() => {
        const api = connect(rack, kubeconfig);
        // Controllers act between any two calls: what they would do in the meantime has happened before and after each.
        reconcileLinstor(api);
        const result = work(api);
        reconcileLinstor(api);
        return result;
      });
    } catch (error) {
      if (!(error instanceof NotYet) || Date.now() - started >= waitLimitMs(rack, error.timeoutSec)) throw error;
      await sleep(POLL_MS);
    }
  }
}

/** One look at something: ready (with a result), ready at a moment, or blocked. */
type Look<T> = (api: Api) => { readonly readiness: Readiness; readonly finish: () => T };

/** Looks until it is ready. Where nobody sleeps, a moment that is known is jumped to; an obstacle is waited out in real time. */
export async function awaitReady<T>(
  rack: Rack,
  kubeconfig: string,
  timeoutSec: number,
  look: Look<T>,
): Promise<{ result: T } | TimedOut> {
  const started = Date.now();
  const deadline = simulatedNow(rack) + timeoutSec * 1000;
  for (;;) {
    const outcome = await withApi(
      rack,
      kubeconfig,
      (api): { result: T } | { reason: string; isFinal: boolean; isComing?: true } => {
        const { readiness, finish } = look(api);
        if ("blocked" in readiness) return { reason: readiness.blocked, isFinal: false };
        if (readiness.at > deadline) return { reason: "it is still starting", isFinal: true };
        jumpTo(rack, readiness.at);
        return readiness.at <= simulatedNow(rack)
          ? { result: finish() }
          : { reason: "it is still starting", isFinal: false, isComing: true };
      },
    );
    if ("result" in outcome) return outcome;
    // What has its moment comes by itself, before the deadline.
    if (outcome.isComing) {
      await sleep(POLL_MS);
      continue;
    }
    if (outcome.isFinal || Date.now() - started >= waitLimitMs(rack, timeoutSec)) return { reason: outcome.reason };
    await sleep(POLL_MS);
  }
}
