// Nodes as Kubernetes sees them: registered by kubelets, Ready once the pod network works on them.
import type { Rack } from "../store.ts";
import { apiServerReadyAt, type Cluster, nodesOf } from "../talos/cluster.ts";
import { reaches } from "../talos/ingress.ts";
import type { TalosNode } from "../talos/nodes.ts";
import { ports } from "../talos/reach.ts";
import { nodeLabels } from "./node-labels.ts";
import { type NodeMarks, nodeMarks } from "./node-objects.ts";
import { type Api, listKind, type Stored } from "./objects.ts";

/** Moment in simulated milliseconds, or why it will not come by itself. */
export type Readiness = { readonly at: number } | { readonly blocked: string };

/** A node as Kubernetes has it. */
export interface ClusterNode {
  readonly name: string;
  /** InternalIP. */
  readonly address: string;
  readonly talos: TalosNode;
  readonly labels: Readonly<Record<string, string>>;
  readonly isControlPlane: boolean;
  readonly marks: NodeMarks;
  /** Takes no pods that do not tolerate it. */
  readonly isTainted: boolean;
  /** Why it is not Ready; absent: Ready. */
  readonly problem?: string;
  /** When it is or was Ready, in simulated milliseconds. */
  readonly readyAt?: number;
  readonly cpuMilli: number;
  readonly memoryMiB: number;
  readonly maxPods: number;
}

const KUBELET_START_MS = 10_000;
const AGENT_START_MS = 20_000;
const NO_NETWORK =
  "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized";

/** The pod network: Cilium's DaemonSet as its chart made it. */
interface CiliumSettings {
  readonly ipamMode: string;
  readonly readsAnnotations: boolean;
  readonly needsPodRange: boolean;
  readonly replacesKubeProxy: boolean;
}

/** Where the chart notes its settings: the ConfigMap that the agents read. */
function ciliumSettings(configMap: Stored | undefined): CiliumSettings | undefined {
  const data = configMap?.object["data"] as Record<string, string> | undefined;
  if (!data) return undefined;
  return {
    ipamMode: data["ipam"] ?? "cluster-pool",
    readsAnnotations: data["annotate-k8s-node"] === "true",
    needsPodRange: data["k8s-require-ipv4-pod-cidr"] === "true",
    replacesKubeProxy: data["kube-proxy-replacement"] === "true",
  };
}

function networkReadiness(
  node: TalosNode,
  registeredAt: number,
  agents: Stored | undefined,
  settings: CiliumSettings | undefined,
): Readiness {
  const { config } = node;
  if (!config) return { blocked: NO_NETWORK };
  if (config.cni !== "none") return { at: registeredAt + AGENT_START_MS };
  if (!agents || !settings) return { blocked: NO_NETWORK };
  if (!config.kubeProxy && !settings.replacesKubeProxy) {
    return {
      blocked: `${NO_NETWORK} (cilium-agent: unable to contact k8s api-server: kube-proxy is off and kubeProxyReplacement is not true)`,
    };
  }
  const annotation = config.annotations["network.cilium.io/ipv4-pod-cidr"];
  const hasRange = config.allocatesNodeRanges || (settings.readsAnnotations && annotation !== undefined);
  if (settings.ipamMode === "kubernetes" && !hasRange) {
    return {
      blocked: `${NO_NETWORK} (cilium-agent: Waiting for k8s node information: required IPv4 PodCIDR not available)`,
    };
  }
  return { at: Math.max(registeredAt, agents.createdAt) + AGENT_START_MS };
}

/** Whether a node gets at an API server: a control plane has its own. */
function reachesApiServer(rack: Rack, cluster: Cluster, node: TalosNode): boolean {
  const planes = () => nodesOf(rack, cluster).filter((other) => other.config?.type === "controlplane");
  return (
    node.config?.type === "controlplane" || planes().some((plane) => reaches(rack, node, plane, ports.kubernetesApi))
  );
}

function readiness(
  rack: Rack,
  cluster: Cluster,
  node: TalosNode,
  agents: Stored | undefined,
  settings: CiliumSettings | undefined,
): Readiness {
  if (node.stage !== "running" || !reachesApiServer(rack, cluster, node))
    return { blocked: "Kubelet stopped posting node status." };
  const { kubeletProblem } = node.installation ?? {};
  if (kubeletProblem !== undefined) return { blocked: kubeletProblem };
  const registeredAt = Math.max(node.installation?.runsFrom ?? 0, apiServerReadyAt(cluster)) + KUBELET_START_MS;
  return networkReadiness(node, registeredAt, agents, settings);
}

/** All nodes that have ever registered and whose disks still exist, sorted by name. */
export function clusterNodes(rack: Rack, cluster: Cluster): ClusterNode[] {
  const api: Api = { rack, cluster };
  const agents = listKind(api, "DaemonSet").find(({ object }) => object.metadata.labels?.["k8s-app"] === "cilium");
  const settings = ciliumSettings(
    listKind(api, "ConfigMap").find(({ object }) => object.metadata.name === "cilium-config"),
  );
  return nodesOf(rack, cluster).flatMap((talos) => {
    const { nodeIp, config } = talos;
    const hasRegistered = talos.stage !== "booting" || (talos.installation?.restarts ?? 0) > 0;
    if (nodeIp === undefined || !config || !hasRegistered || talos.stage === "broken") return [];
    const marks = nodeMarks(rack, cluster, talos.hostname);
    const ready = readiness(rack, cluster, talos, agents, settings);
    const isControlPlane = config.type === "controlplane";
    return [
      {
        name: talos.hostname,
        address: nodeIp,
        talos,
        labels: {
          "kubernetes.io/hostname": talos.hostname,
          "kubernetes.io/os": "linux",
          "kubernetes.io/arch": "amd64",
          ...(isControlPlane ? { "node-role.kubernetes.io/control-plane": "" } : {}),
          ...config.labels,
          ...nodeLabels(rack, cluster).get(talos.hostname),
        },
        isControlPlane,
        marks,
        isTainted: isControlPlane && !config.workloadsOnControlPlanes,
        ...("blocked" in ready ? { problem: ready.blocked } : { readyAt: ready.at }),
        // Talos and the kubelet keep some for themselves.
        cpuMilli: talos.machine.cores * 1000 - 50,
        memoryMiB: talos.machine.memoryMiB - 700,
        maxPods: config.maxPods,
      },
    ];
  });
}
