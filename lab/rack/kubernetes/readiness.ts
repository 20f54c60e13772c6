// When an object is ready in the sense of whoever created it and waits: what the official provider awaits, kind by kind.

import { addressReadiness, isLoadBalancer } from "./address-controller.ts";
import type { Readiness } from "./cluster-nodes.ts";
import { jobCompletion } from "./job-programs.ts";
import type { Api, JsonObject, Stored } from "./objects.ts";
import { listPods, type Pod, podsOf, selectPods, whenAll } from "./pods.ts";
import { bindingOf, waitsForConsumer } from "./volumes.ts";

const DEFINITION_MS = 500;

/** A pod's obstacle, with its name before it. */
function explained(pods: readonly Pod[]): Readiness[] {
  return pods.map(({ name, readiness }) =>
    "blocked" in readiness ? { blocked: `pod ${name}: ${readiness.blocked}` } : readiness,
  );
}

function serviceReadiness(api: Api, service: Stored, pods: readonly Pod[]): Readiness {
  const { metadata, spec } = service.object;
  const parts: Readiness[] = [{ at: service.changedAt }];
  if (isLoadBalancer(service)) parts.push(addressReadiness(api, service, pods));
  const selector = spec?.["selector"] as Record<string, string> | undefined;
  const isPlain =
    selector === undefined ||
    Object.keys(selector).length === 0 ||
    spec?.["type"] === "ExternalName" ||
    spec?.["clusterIP"] === "None";
  if (!isPlain) {
    const ready = selectPods(pods, metadata.namespace ?? "default", selector).flatMap(({ readiness }) =>
      "at" in readiness ? [readiness.at] : [],
    );
    parts.push(
      ready.length > 0
        ? { at: Math.min(...ready) }
        : {
            blocked:
              "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
          },
    );
  }
  return whenAll(parts);
}

/** When an object is ready. `pods`: all of the cluster, to spare working them out again. */
export function readinessOf(api: Api, stored: Stored, pods: readonly Pod[] = listPods(api)): Readiness {
  switch (stored.object.kind) {
    case "Deployment":
    case "StatefulSet":
    case "ReplicaSet":
    case "Pod":
      return whenAll([{ at: stored.changedAt }, ...explained(podsOf(pods, stored))]);
    case "DaemonSet": {
      const own = podsOf(pods, stored);
      return whenAll([{ at: stored.changedAt }, ...explained(own)]);
    }
    case "Job":
      return jobCompletion(api, stored, pods);
    case "Service":
      return serviceReadiness(api, stored, pods);
    case "PersistentVolumeClaim":
      return waitsForConsumer(api, stored) ? { at: stored.createdAt } : bindingOf(api, stored, pods);
    case "CustomResourceDefinition":
      return { at: stored.createdAt + DEFINITION_MS };
    default:
      return { at: stored.changedAt };
  }
}

/** The status the API server shows for an object that is ready. */
export function statusOf(stored: Stored, isReady: boolean, pods: readonly Pod[]): JsonObject | undefined {
  const { kind, spec } = stored.object;
  const replicas = Number(spec?.["replicas"] ?? 1);
  switch (kind) {
    case "Deployment":
    case "StatefulSet":
      return isReady
        ? { replicas, readyReplicas: replicas, availableReplicas: replicas, updatedReplicas: replicas }
        : { replicas };
    case "DaemonSet": {
      const count = podsOf(pods, stored).length;
      return { desiredNumberScheduled: count, numberReady: isReady ? count : 0 };
    }
    case "Job":
      return isReady ? { succeeded: 1, conditions: [{ type: "Complete", status: "True" }] } : { active: 1 };
    case "Service":
      return { loadBalancer: stored.address === undefined ? {} : { ingress: [{ ip: stored.address, ipMode: "VIP" }] } };
    case "PersistentVolumeClaim":
      return { phase: stored.isDone === true ? "Bound" : "Pending" };
    case "Namespace":
      return { phase: "Active" };
    default:
      return undefined;
  }
}
