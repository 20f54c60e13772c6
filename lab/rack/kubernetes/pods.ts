// Which pods the workloads of a cluster have, where a deterministic scheduler puts them, and when each is ready. Oldest workload first:
// a new one never moves what runs.
import { simulatedNow } from "../clock.ts";
import { type ClusterNode, clusterNodes, type Readiness } from "./cluster-nodes.ts";
import { type Api, getObject, type KubeObject, listAll, type Stored, write } from "./objects.ts";
import { podSecurityProblem } from "./pod-security.ts";
import type { PodSpec, PodTemplate } from "./pod-spec.ts";
import { Scheduler } from "./scheduler.ts";
import { claimReadiness } from "./volumes.ts";

/** A pod of a workload, and when it is ready or why it never is. */
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

function templateOf(object: KubeObject): PodTemplate {
  if (object.kind === "Pod") return { metadata: object.metadata, spec: object.spec as unknown as PodSpec };
  return (object.spec as { template?: PodTemplate } | undefined)?.template ?? { spec: { containers: [] } };
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

/** All of these ready: the last moment, or the first obstacle. */
export function whenAll(readinesses: readonly Readiness[]): Readiness {
  let at = 0;
  for (const readiness of readinesses) {
    if ("blocked" in readiness) return readiness;
    at = Math.max(at, readiness.at);
  }
  return { at };
}

function isNetworkAgent({ kind, metadata }: KubeObject): boolean {
  return kind === "DaemonSet" && metadata.labels?.["k8s-app"] === "cilium";
}

/** A pod with its place, before it is known when it is ready. */
interface Placed {
  readonly pod: Omit<Pod, "readiness">;
  /** Claims it mounts. */
  readonly claims: readonly string[];
  /** Why it has no place. */
  readonly refusal?: string;
}

function replicasOf({ kind, spec }: KubeObject): number {
  return kind === "Job" || kind === "Pod" ? 1 : Number((spec as { replicas?: number } | undefined)?.replicas ?? 1);
}

/** Places the pods of one workload. */
function placePods(api: Api, scheduler: Scheduler, owner: Stored): Placed[] {
  const { object } = owner;
  const { metadata, spec } = templateOf(object);
  const namespace = object.metadata.namespace ?? "default";
  const placed: Placed[] = [];
  const add = (name: string, place: ClusterNode | string) => {
    const refusal = podSecurityProblem(api, namespace, name, spec) ?? (typeof place === "string" ? place : undefined);
    const node = typeof place === "string" ? {} : { node: place };
    const pod = { name, namespace, labels: metadata?.labels ?? {}, spec, owner, ...node };
    placed.push({ pod, claims: claimsOf(object, name, spec), ...(refusal === undefined ? {} : { refusal }) });
  };
  if (object.kind === "DaemonSet") {
    for (const node of scheduler.daemonNodes(spec)) {
      add(`${object.metadata.name}-${node.name}`, scheduler.placeDaemon(spec, node) ?? node);
    }
    return placed;
  }
  for (let index = 0; index < replicasOf(object); index += 1) {
    const siblings = placed.flatMap(({ pod }) => (pod.node ? [pod.node.name] : []));
    const name = object.kind === "Pod" ? object.metadata.name : `${object.metadata.name}-${index}`;
    add(name, scheduler.place(spec, siblings, owner.placements?.[name]));
  }
  return placed;
}

/** When a placed pod is ready. `providers`: pods that may make volumes for it. */
function readinessOfPod(api: Api, { pod, claims, refusal }: Placed, providers: readonly Pod[]): Readiness {
  const { node, owner, spec } = pod;
  if (refusal !== undefined || !node) return { blocked: refusal ?? "not scheduled" };
  // The agent is the pod network: it is ready exactly when its node is, and what keeps the node from it is the agent's trouble.
  if (isNetworkAgent(owner.object)) {
    return node.readyAt === undefined ? { blocked: node.problem ?? "not ready" } : { at: node.readyAt };
  }
  const problem = spec["rack.invalid/problem"] ?? mountProblem(api, pod.namespace, spec);
  if (problem !== undefined) return { blocked: problem };
  const needsNetwork = spec.hostNetwork !== true;
  if ((needsNetwork && node.readyAt === undefined) || node.talos.stage !== "running") {
    return { blocked: `node ${node.name} is not ready: ${node.problem ?? node.talos.stage}` };
  }
  const bound = claims.map((claim) => claimReadiness(api, pod.namespace, claim, providers));
  const ready = whenAll([{ at: Math.max(owner.changedAt, needsNetwork ? (node.readyAt ?? 0) : 0) }, ...bound]);
  return "blocked" in ready ? ready : { at: ready.at + POD_START_MS };
}

/** All pods of a cluster, those of the oldest workload first. A job that is done has none. */
export function listPods(api: Api): Pod[] {
  const scheduler = new Scheduler(clusterNodes(api.rack, api.cluster));
  const workloads = listAll(api).filter(
    (stored) => isWorkload(stored.object) && !(stored.object.kind === "Job" && stored.isDone === true),
  );
  const placed = workloads.flatMap((stored) => placePods(api, scheduler, stored));
  // What makes volumes mounts none, so those pods come first, however old the others are.
  const providers = placed
    .filter(({ claims }) => claims.length === 0)
    .map((one) => ({ ...one.pod, readiness: readinessOfPod(api, one, []) }));
  const pods = placed.map((one) => ({ ...one.pod, readiness: readinessOfPod(api, one, providers) }));
  rememberPlaces(api, pods);
  return pods;
}

/** Notes where pods run now, so that they stay there. */
function rememberPlaces(api: Api, pods: readonly Pod[]): void {
  const now = simulatedNow(api.rack);
  const changed = new Set<Stored>();
  for (const { name, owner, node, readiness } of pods) {
    const runs = node && "at" in readiness && readiness.at <= now && owner.object.kind !== "DaemonSet";
    if (!runs || owner.placements?.[name] === node.name) continue;
    owner.placements = { ...owner.placements, [name]: node.name };
    changed.add(owner);
  }
  for (const owner of changed) write(api, owner);
}

/** A workload's own pods. */
export function podsOf(pods: readonly Pod[], owner: Stored): Pod[] {
  return pods.filter((pod) => pod.owner.sequence === owner.sequence);
}

/** Pods of a namespace that a selector picks. */
export function selectPods(pods: readonly Pod[], namespace: string, selector: Readonly<Record<string, string>>): Pod[] {
  return pods.filter(
    (pod) => pod.namespace === namespace && Object.entries(selector).every(([key, value]) => pod.labels[key] === value),
  );
}
