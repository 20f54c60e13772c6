// A deterministic scheduler: fewest siblings first, then fewest pods, then by name. What a node refuses is said as kube-scheduler says it.
import type { ClusterNode } from "./cluster-nodes.ts";
import type { PodSpec } from "./pod-spec.ts";
import { parseQuantity } from "./quantities.ts";

interface Load {
  cpuMilli: number;
  memoryMiB: number;
  pods: number;
  readonly hostPorts: Set<number>;
}

function requestsOf(pod: PodSpec): { cpuMilli: number; memoryMiB: number } {
  const total = (key: string) =>
    pod.containers.reduce((sum, { resources }) => sum + parseQuantity(resources?.requests?.[key]), 0);
  return { cpuMilli: Math.round(total("cpu") * 1000), memoryMiB: Math.ceil(total("memory") / 2 ** 20) };
}

function hostPortsOf(pod: PodSpec): number[] {
  const ports = pod.containers.flatMap((container) => container.ports ?? []);
  return ports.flatMap(({ hostPort, containerPort }) =>
    pod.hostNetwork === true ? [hostPort ?? containerPort ?? 0] : hostPort === undefined ? [] : [hostPort],
  );
}

function tolerates(pod: PodSpec, node: ClusterNode): boolean {
  if (!node.isTainted) return true;
  const key = "node-role.kubernetes.io/control-plane";
  return (pod.tolerations ?? []).some(
    (toleration) => toleration.operator === "Exists" && (toleration.key === undefined || toleration.key === key),
  );
}

/** Places pods one after another, and remembers what each node has left. */
export class Scheduler {
  private readonly loads = new Map<string, Load>();
  private readonly nodes: readonly ClusterNode[];

  constructor(nodes: readonly ClusterNode[]) {
    this.nodes = nodes;
    for (const node of nodes) this.loads.set(node.name, { cpuMilli: 0, memoryMiB: 0, pods: 0, hostPorts: new Set() });
  }

  private refusal(node: ClusterNode, pod: PodSpec, isDaemon: boolean): string | undefined {
    const load = this.loads.get(node.name);
    const wants = requestsOf(pod);
    if (!load) return "node not found";
    if (!tolerates(pod, node)) return "node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }";
    if (Object.entries(pod.nodeSelector ?? {}).some(([key, value]) => node.labels[key] !== value))
      return "node(s) didn't match Pod's node affinity/selector";
    if (node.marks.isDrained && !isDaemon) return "node(s) were unschedulable";
    if (node.readyAt === undefined && !isDaemon)
      return "node(s) had untolerated taint {node.kubernetes.io/not-ready: }";
    if (load.cpuMilli + wants.cpuMilli > node.cpuMilli) return "Insufficient cpu";
    if (load.memoryMiB + wants.memoryMiB > node.memoryMiB) return "Insufficient memory";
    if (load.pods >= node.maxPods) return "Too many pods";
    if (hostPortsOf(pod).some((port) => load.hostPorts.has(port)))
      return "node(s) didn't have free ports for the requested pod ports";
    return undefined;
  }

  private take(node: ClusterNode, pod: PodSpec): void {
    const load = this.loads.get(node.name);
    if (!load) return;
    const wants = requestsOf(pod);
    load.cpuMilli += wants.cpuMilli;
    load.memoryMiB += wants.memoryMiB;
    load.pods += 1;
    for (const port of hostPortsOf(pod)) load.hostPorts.add(port);
  }

  /** The node it runs on already, if that still takes it; else the node with the fewest siblings, then the fewest pods. */
  place(pod: PodSpec, siblings: readonly string[], runsOn?: string): ClusterNode | string {
    const current = this.nodes.find(({ name }) => name === runsOn);
    if (current && this.refusal(current, pod, false) === undefined) {
      this.take(current, pod);
      return current;
    }
    const isExclusive =
      (pod.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0;
    const reasons = new Map<string, number>();
    const count = (name: string) => siblings.filter((sibling) => sibling === name).length;
    const fits = this.nodes.filter((node) => {
      const reason =
        this.refusal(node, pod, false) ??
        (isExclusive && siblings.includes(node.name) ? "node(s) didn't match pod anti-affinity rules" : undefined);
      if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      return reason === undefined;
    });
    const pods = (node: ClusterNode) => this.loads.get(node.name)?.pods ?? 0;
    const best = fits.sort(
      (a, b) => count(a.name) - count(b.name) || pods(a) - pods(b) || (a.name < b.name ? -1 : 1),
    )[0];
    if (best) {
      this.take(best, pod);
      return best;
    }
    const why = [...reasons].map(([reason, nodes]) => `${nodes} ${reason}`).join(", ");
    return `0/${this.nodes.length} nodes are available: ${why || "no nodes are registered"}.`;
  }

  /** A DaemonSet's pod on its node. */
  placeDaemon(pod: PodSpec, node: ClusterNode): string | undefined {
    const refusal = this.refusal(node, pod, true);
    if (refusal === undefined) this.take(node, pod);
    return refusal;
  }

  daemonNodes(pod: PodSpec): ClusterNode[] {
    const wants = pod.nodeSelector ?? {};
    return this.nodes.filter(
      (node) => tolerates(pod, node) && Object.entries(wants).every(([key, value]) => node.labels[key] === value),
    );
  }
}
