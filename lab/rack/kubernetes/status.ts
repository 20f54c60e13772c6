// Kubernetes as a person looks at it: nodes, what is not ready, services and who answers for them.
import { simulatedNow } from "../clock.ts";
import type { Rack } from "../store.ts";
import { type Cluster, hasQuorum, listClusters } from "../talos/cluster.ts";
import { clusterNodes } from "./cluster-nodes.ts";
import { type Announcement, announceAll } from "./load-balancer.ts";
import { type Api, listAll } from "./objects.ts";
import { complaints } from "./observers.ts";
import { isWorkload, listPods } from "./pods.ts";
import { readinessOf } from "./readiness.ts";

/** A cluster as a person asks for it. */
export interface KubernetesStatus {
  readonly cluster: string;
  /** Whether the API server answers. */
  readonly isUp: boolean;
  readonly nodes: readonly {
    readonly name: string;
    readonly address: string;
    readonly isReady: boolean;
    readonly problem?: string;
  }[];
  readonly workloads: readonly { readonly name: string; readonly isReady: boolean; readonly problem?: string }[];
  readonly claims: readonly { readonly name: string; readonly isBound: boolean }[];
  readonly services: readonly Announcement[];
  /** What programs that look at every node find unreachable; nothing stops for it. */
  readonly complaints: readonly string[];
}

function statusOfCluster(rack: Rack, cluster: Cluster): KubernetesStatus {
  const api: Api = { rack, cluster };
  const now = simulatedNow(rack);
  const isUp = hasQuorum(rack, cluster);
  const pods = listPods(api);
  const all = listAll(api);
  const nodes = clusterNodes(rack, cluster);
  const nameOf = (object: { kind: string; metadata: { namespace?: string; name: string } }) =>
    `${object.metadata.namespace}/${object.kind}/${object.metadata.name}`;
  return {
    cluster: cluster.name,
    isUp,
    nodes: nodes.map(({ name, address, readyAt, problem }) => ({
      name,
      address,
      isReady: isUp && readyAt !== undefined && readyAt <= now,
      ...(problem === undefined ? {} : { problem }),
    })),
    workloads: all
      .filter(({ object }) => isWorkload(object))
      .map((stored) => {
        const readiness = readinessOf(api, stored, pods);
        const isReady = "at" in readiness && readiness.at <= now;
        return {
          name: nameOf(stored.object),
          isReady,
          ...("blocked" in readiness ? { problem: readiness.blocked } : {}),
        };
      }),
    claims: all
      .filter(({ object }) => object.kind === "PersistentVolumeClaim")
      .map((stored) => {
        const readiness = readinessOf(api, stored, pods);
        return {
          name: nameOf(stored.object),
          isBound: stored.isDone === true || ("at" in readiness && readiness.at <= now),
        };
      }),
    services: announceAll(api, pods, now),
    complaints: complaints(api, pods, nodes, now),
  };
}

/** Every cluster of a rack. */
export function kubernetesStatus(rack: Rack): KubernetesStatus[] {
  return rack.transaction(() => listClusters(rack).map((cluster) => statusOfCluster(rack, cluster)));
}
