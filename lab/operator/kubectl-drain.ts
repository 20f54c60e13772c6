// kubectl drain: evicts what runs on a node, as far as disruption budgets let it.
import { CommandFailure, type HostCall } from "../host/host-command.ts";
import type { HostContext } from "../host/installed-command.ts";
import { simulatedNow } from "../rack/clock.ts";
import { markNode } from "../rack/kubernetes/node-objects.ts";
import { type Api, listKind, type Stored } from "../rack/kubernetes/objects.ts";
import { matches } from "../rack/kubernetes/pod-spec.ts";
import { listPods, type Pod } from "../rack/kubernetes/pods.ts";

/** How long a pod takes to stop here and start elsewhere. */
const MOVE_SEC = 10;
const RETRY_SEC = 5;

interface Budget {
  minAvailable?: number | string;
  maxUnavailable?: number | string;
  selector?: { matchLabels?: Record<string, string> };
}

const amountOf = (value: number | string, total: number) =>
  typeof value === "string" && value.endsWith("%")
    ? Math.ceil((Number.parseInt(value, 10) * total) / 100)
    : Number(value);

/** Whether a budget lets one more of its pods go. */
function allows(api: Api, budget: Stored, pods: readonly Pod[]): boolean {
  const spec = (budget.object.spec ?? {}) as Budget;
  const own = pods.filter((pod) => covers(budget, pod));
  const healthy = own.filter(({ readiness }) => "at" in readiness && readiness.at <= simulatedNow(api.rack)).length;
  const wanted =
    spec.minAvailable === undefined
      ? own.length - amountOf(spec.maxUnavailable ?? 1, own.length)
      : amountOf(spec.minAvailable, own.length);
  return healthy - 1 >= wanted;
}

function covers({ object }: Stored, pod: Pod): boolean {
  const labels = (object.spec as Budget | undefined)?.selector?.matchLabels ?? {};
  return object.metadata.namespace === pod.namespace && matches(pod.labels, labels);
}

/** Pods of a node that a drain moves. */
function evictablePods(api: Api, name: string): Pod[] {
  return listPods(api).filter(({ node, owner }) => node?.name === name && owner.object.kind !== "DaemonSet");
}

/** Cordons a node and evicts its pods; gives up at the timeout. */
export async function drain(
  context: HostContext,
  call: HostCall,
  connect: () => Api,
  name: string,
  timeoutSec: number,
): Promise<void> {
  const { rack } = context;
  const deadline = simulatedNow(rack) + timeoutSec * 1000;
  const first = connect();
  markNode(rack, first.cluster, name, { isCordoned: true, cordonedAt: simulatedNow(rack) });
  call.stdout.write(`node/${name} cordoned\n`);
  for (;;) {
    const api = connect();
    const pods = evictablePods(api, name);
    const budgets = listKind(api, "PodDisruptionBudget");
    const all = listPods(api);
    const held = pods.find((pod) => budgets.some((budget) => covers(budget, pod) && !allows(api, budget, all)));
    if (held === undefined) {
      for (const pod of pods) call.stdout.write(`evicting pod ${pod.namespace}/${pod.name}\n`);
      await context.sleep(pods.length === 0 ? 0 : MOVE_SEC);
      markNode(rack, api.cluster, name, { isDrained: true });
      call.stdout.write(`node/${name} drained\n`);
      return;
    }
    if (simulatedNow(rack) >= deadline)
      throw new CommandFailure(
        `error: unable to drain node "${name}" due to error: error when evicting pods/"${held.name}" -n "${held.namespace}": global timeout reached: ${timeoutSec}s`,
      );
    call.stderr.write(
      `error when evicting pods/"${held.name}" -n "${held.namespace}" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.\n`,
    );
    await context.sleep(RETRY_SEC);
  }
}
