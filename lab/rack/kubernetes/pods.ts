// Which pods the workloads of a cluster have, where a deterministic scheduler puts them, and when each is ready. Oldest workload first:
// a new one never moves what runs.
import { type ClusterNode, clusterNodes, type Readiness } from "./cluster-nodes.ts";
import { type Api, getObject, type KubeObject, listAll, listKind, type Stored } from "./objects.ts";
import { podSecurityProblem } from "./pod-security.ts";
import type { PodSpec, PodTemplate } from "./pod-spec.ts";
import { parseQuantity } from "./quantities.ts";
import { claimReadiness } from "./volumes.ts";

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  /** Document it belongs to. */
  readonly owner: Stored;
  readonly node?: ClusterNode;
  readonly readiness: Readiness;
}

/** Simulated milliseconds for pulling an image and starting a container. */
const POD_START_MS = 8_000;

const WORKLOADS = new Set(["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod", "ReplicaSet"]);

/** Whether an object makes pods. */
export function isWorkload(object: KubeObject): boolean {
  return WORKLOADS.has(object.kind);
}

interface Load {
  cpuMilli: number;
  memoryMiB: number;
  pods: number;
  readonly hostPorts: Set<number>;
}

function templateOf(object: KubeObject): PodTemplate {
  if (object.kind === "Pod") return { metadata: object.metadata, spec: object.spec as unknown as PodSpec };
  return (object.spec as { template?: PodTemplate } | undefined)?.template ?? { spec: { containers: [] } };
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

function tolerates(pod: PodSpec, isDaemon: boolean, node: ClusterNode): boolean {
  if (!node.isTainted) return true;
  const key = "node-role.kubernetes.io/control-plane";
  return (
    (pod.tolerations ?? []).some(
      (toleration) => toleration.operator === "Exists" && (toleration.key === undefined || toleration.key === key),
    ) &&
    (isDaemon || true)
  );
}

/** Places pods one after another, and remembers what each node has left. */
class Scheduler {
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
    if (!tolerates(pod, isDaemon, node))
      return "node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }";
    if (Object.entries(pod.nodeSelector ?? {}).some(([key, value]) => node.labels[key] !== value))
      return "node(s) didn't match Pod's node affinity/selector";
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

  /** The node with the fewest siblings, then the fewest pods. */
  place(pod: PodSpec, siblings: readonly string[]): ClusterNode | string {
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
      (node) => tolerates(pod, true, node) && Object.entries(wants).every(([key, value]) => node.labels[key] === value),
    );
  }
}

function mountProblem(api: Api, namespace: string, pod: PodSpec): string | undefined {
  for (const volume of pod.volumes ?? []) {
    const configMap = volume.configMap?.optional === true ? undefined : volume.configMap?.name;
    const secret = volume.secret?.optional === true ? undefined : volume.secret?.secretName;
    if (configMap !== undefined && !getObject(api, "v1", "ConfigMap", namespace, configMap)) {
      return `MountVolume.SetUp failed for volume "${volume.name}" : configmap "${configMap}" not found`;
    }
    if (secret !== undefined && !getObject(api, "v1", "Secret", namespace, secret)) {
      return `MountVolume.SetUp failed for volume "${volume.name}" : secret "${secret}" not found`;
    }
  }
  const account = pod.serviceAccountName;
  if (account !== undefined && account !== "default" && !getObject(api, "v1", "ServiceAccount", namespace, account)) {
    return `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
  }
  return undefined;
}

/** Claims that a pod mounts: its own, and those that a StatefulSet makes for it. */
function claimsOf(owner: KubeObject, podName: string, pod: PodSpec): string[] {
  const own = (pod.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName] : [],
  );
  const templates =
    (owner.spec as { volumeClaimTemplates?: { metadata: { name: string } }[] } | undefined)?.volumeClaimTemplates ?? [];
  return [...own, ...templates.map(({ metadata }) => `${metadata.name}-${podName}`)];
}

function latest(readinesses: readonly Readiness[]): Readiness {
  let at = 0;
  for (const readiness of readinesses) {
    if ("blocked" in readiness) return readiness;
    at = Math.max(at, readiness.at);
  }
  return { at };
}

/** All of these ready: the last moment, or the first obstacle. */
export const whenAll = latest;

function isNetworkAgent({ kind, metadata }: KubeObject): boolean {
  return kind === "DaemonSet" && metadata.labels?.["k8s-app"] === "cilium";
}

class PodBuilder {
  private readonly api: Api;
  private readonly scheduler: Scheduler;

  constructor(api: Api, nodes: readonly ClusterNode[]) {
    this.api = api;
    this.scheduler = new Scheduler(nodes);
  }

  private readinessOf(owner: Stored, name: string, pod: PodSpec, node: ClusterNode, others: readonly Pod[]): Readiness {
    const namespace = owner.object.metadata.namespace ?? "default";
    // The agent is the pod network: it is ready exactly when its node is, and what keeps the node from it is the agent's trouble.
    if (isNetworkAgent(owner.object))
      return node.readyAt === undefined ? { blocked: node.problem ?? "not ready" } : { at: node.readyAt };
    const problem = mountProblem(this.api, namespace, pod);
    if (problem !== undefined) return { blocked: problem };
    const claims = claimsOf(owner.object, name, pod).map((claim) => claimReadiness(this.api, namespace, claim, others));
    if (pod.hostNetwork !== true && node.readyAt === undefined)
      return { blocked: `node ${node.name} is not ready: ${node.problem ?? ""}` };
    if (node.talos.stage !== "running")
      return { blocked: `node ${node.name} is not ready: ${node.problem ?? node.talos.stage}` };
    const network = pod.hostNetwork === true ? 0 : (node.readyAt ?? 0);
    const ready = latest([{ at: Math.max(owner.changedAt, network) }, ...claims]);
    return "blocked" in ready ? ready : { at: ready.at + POD_START_MS };
  }

  build(owner: Stored, others: readonly Pod[]): Pod[] {
    const { object } = owner;
    const template = templateOf(object);
    const namespace = object.metadata.namespace ?? "default";
    const labels = template.metadata?.labels ?? {};
    const pod = template.spec;
    const pods: Pod[] = [];
    const add = (name: string, node: ClusterNode | string) => {
      const denied = podSecurityProblem(this.api, namespace, name, pod);
      const readiness =
        denied !== undefined
          ? { blocked: denied }
          : typeof node === "string"
            ? { blocked: node }
            : this.readinessOf(owner, name, pod, node, others);
      pods.push({
        name,
        namespace,
        labels,
        spec: pod,
        owner,
        readiness,
        ...(typeof node === "string" ? {} : { node }),
      });
    };
    if (object.kind === "DaemonSet") {
      for (const node of this.scheduler.daemonNodes(pod)) {
        add(`${object.metadata.name}-${node.name}`, this.scheduler.placeDaemon(pod, node) ?? node);
      }
      return pods;
    }
    const wanted =
      object.kind === "Job" || object.kind === "Pod"
        ? 1
        : Number((object.spec as { replicas?: number } | undefined)?.replicas ?? 1);
    for (let index = 0; index < wanted; index += 1) {
      const siblings = pods.flatMap(({ node }) => (node ? [node.name] : []));
      const name = object.kind === "Pod" ? object.metadata.name : `${object.metadata.name}-${index}`;
      add(name, this.scheduler.place(pod, siblings));
    }
    return pods;
  }
}

/** All pods of a cluster, those of the oldest workload first. A job that is done has none. */
export function listPods(api: Api): Pod[] {
  const builder = new PodBuilder(api, clusterNodes(api.rack, api.cluster));
  const pods: Pod[] = [];
  for (const stored of listAll(api)) {
    if (isWorkload(stored.object) && !(stored.object.kind === "Job" && stored.isDone === true))
      pods.push(...builder.build(stored, pods));
  }
  return pods;
}

/** Service names → whether a default class exists, and the like, are asked of objects; this one finds a workload's own pods. */
export function podsOf(pods: readonly Pod[], owner: Stored): Pod[] {
  return pods.filter((pod) => pod.owner.sequence === owner.sequence);
}

/** Pods of a namespace that a selector picks. */
export function selectPods(pods: readonly Pod[], namespace: string, selector: Readonly<Record<string, string>>): Pod[] {
  return pods.filter(
    (pod) => pod.namespace === namespace && Object.entries(selector).every(([key, value]) => pod.labels[key] === value),
  );
}

/** The default storage class, if any. */
export function defaultStorageClass(api: Api): Stored | undefined {
  return listKind(api, "StorageClass").find(
    ({ object }) => object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
  );
}
