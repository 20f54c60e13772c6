// A cluster as its control planes make it: etcd's members and quorum. Bootstrapped once; further control planes join by themselves.
import { simulatedNow } from "../clock.ts";
import { extraAddresses } from "../stations.ts";
import type { Rack } from "../store.ts";
import { answersTo } from "./ingress.ts";
import { listMachines } from "./machines.ts";
import { forgetLostInstallations, listNodes, type TalosNode } from "./nodes.ts";
import { machineReaches, ports } from "./reach.ts";
import { openConfigured, retryable, type TalosCall } from "./talos-api.ts";

/** A member of etcd, alive or not: one that vanished without leaving still counts for the quorum. */
interface EtcdMember {
  readonly machine: string;
  readonly instance: string;
  readonly hostname: string;
  readonly address: string;
  readonly joinedAt: number;
  /** Its disk was wiped: it counts, and never comes back. */
  readonly isLost?: boolean;
}

/** Documents of kind `cluster`, by cluster id. What Kubernetes stores lies in the same etcd, under kind `kubernetes/<name>`. */
export interface Cluster {
  readonly id: string;
  readonly name: string;
  /** PEM; clients of the API server must trust it and be signed by it. */
  readonly authority: { readonly cert: string; readonly key: string };
  readonly bootstrappedAt: number;
  members: EtcdMember[];
}

/** Simulated milliseconds from the bootstrap until the API server answers. */
const API_SERVER_START_MS = 45_000;

const clusters = (rack: Rack) => rack.collection<Cluster>("cluster");

/** Kind of the documents that hold a cluster's Kubernetes objects. */
export function objectKind(cluster: Cluster): string {
  return `kubernetes/${cluster.name}`;
}

function isMember(cluster: Cluster, node: TalosNode): boolean {
  return cluster.members.some(
    (member) =>
      member.machine === node.machine.id && member.instance === node.machine.instance && member.isLost !== true,
  );
}

/** Nodes configured for a cluster, whatever their stage, sorted by name. */
export function nodesOf(rack: Rack, cluster: Cluster): TalosNode[] {
  return listNodes(rack)
    .filter((node) => node.config?.clusterId === cluster.id)
    .sort((a, b) => (a.hostname < b.hostname ? -1 : 1));
}

/** Whether one node gets at another one's etcd. */
function hearsMember(rack: Rack, from: TalosNode, { etcdAddress, ...member }: TalosNode): boolean {
  return (
    etcdAddress !== undefined &&
    machineReaches(rack, from.machine, etcdAddress) &&
    answersTo(rack, member, from.machine, etcdAddress, ports.etcdPeer)
  );
}

/** Members that run and hear most of the others. */
export function liveMembers(rack: Rack, cluster: Cluster): TalosNode[] {
  const running = nodesOf(rack, cluster).filter((node) => node.stage === "running" && isMember(cluster, node));
  const hears = (a: TalosNode, b: TalosNode) => a === b || hearsMember(rack, a, b);
  const groups = running.map((node) => running.filter((other) => hears(node, other) && hears(other, node)));
  return groups.reduce<TalosNode[]>((best, group) => (group.length > best.length ? group : best), []);
}

/** Whether more than half of etcd's members hear each other. */
export function hasQuorum(rack: Rack, cluster: Cluster): boolean {
  return liveMembers(rack, cluster).length * 2 > cluster.members.length;
}

/** When the API server started, in simulated milliseconds. */
export function apiServerReadyAt(cluster: Cluster): number {
  return cluster.bootstrappedAt + API_SERVER_START_MS;
}

function memberOf(rack: Rack, node: TalosNode, address: string): EtcdMember {
  return {
    machine: node.machine.id,
    instance: node.machine.instance,
    hostname: node.hostname,
    address,
    joinedAt: simulatedNow(rack),
  };
}

function joinMembers(rack: Rack, cluster: Cluster): boolean {
  let hasJoined = false;
  for (const node of nodesOf(rack, cluster)) {
    const { etcdAddress } = node;
    if (
      node.stage !== "running" ||
      node.config?.type !== "controlplane" ||
      etcdAddress === undefined ||
      isMember(cluster, node)
    )
      continue;
    const live = liveMembers(rack, cluster);
    const hearsOne = live.some((member) => hearsMember(rack, node, member));
    if (!hearsOne || live.length * 2 <= cluster.members.length) continue;
    // Talos strikes the member off that its machine was before.
    cluster.members = cluster.members.filter(({ machine }) => machine !== node.machine.id);
    cluster.members.push(memberOf(rack, node, etcdAddress));
    hasJoined = true;
  }
  return hasJoined;
}

const vipPurpose = (cluster: Cluster) => `shared address of cluster ${cluster.name}`;

/** The shared address is held by one control plane at a time, elected through etcd. */
function holdSharedAddresses(rack: Rack, cluster: Cluster): void {
  const live = liveMembers(rack, cluster);
  const holders = live.length * 2 > cluster.members.length ? live : [];
  const wanted = new Map<string, string>();
  for (const { config } of holders) {
    for (const { address, link } of config?.vips ?? []) {
      const at = config?.links.find(({ name }) => name === link)?.addresses[0]?.split("/")[0];
      if (at !== undefined && !wanted.has(address)) wanted.set(address, at);
    }
  }
  const extra = extraAddresses(rack);
  for (const { id, body } of extra.list())
    if (body.purpose === vipPurpose(cluster) && !wanted.has(id)) extra.delete(id);
  for (const [address, at] of wanted) {
    if (extra.get(address)?.at !== at) extra.put(address, { address, at, purpose: vipPurpose(cluster) });
  }
}

function dropCluster(rack: Rack, cluster: Cluster): void {
  const objects = rack.collection(objectKind(cluster));
  for (const { id } of objects.list()) objects.delete(id);
  const extra = extraAddresses(rack);
  for (const { id, body } of extra.list())
    if (body.purpose.startsWith(`service ${cluster.name}/`) || body.purpose === vipPurpose(cluster)) extra.delete(id);
  const marks = rack.collection(`node-marks/${cluster.name}`);
  for (const { id } of marks.list()) marks.delete(id);
  clusters(rack).delete(cluster.id);
}

/**
 * Brings the stored state up to what must have happened by itself: control planes that run have joined etcd, and a cluster whose disks
 * are all gone is gone. Everything that reads clusters calls it first.
 */
export function settle(rack: Rack): void {
  forgetLostInstallations(rack);
  const instances = new Set(listMachines(rack).map((machine) => `${machine.id} ${machine.instance}`));
  for (const { body: cluster } of clusters(rack).list()) {
    const isLost = !cluster.members.some(
      (member) => member.isLost !== true && instances.has(`${member.machine} ${member.instance}`),
    );
    if (isLost) {
      dropCluster(rack, cluster);
      continue;
    }
    if (joinMembers(rack, cluster)) clusters(rack).put(cluster.id, cluster);
    holdSharedAddresses(rack, cluster);
  }
}

/** All clusters, settled. */
export function listClusters(rack: Rack): Cluster[] {
  settle(rack);
  return clusters(rack)
    .list()
    .map(({ body }) => body);
}

/** The cluster a node is configured for; undefined before its bootstrap. */
export function clusterOf(rack: Rack, node: TalosNode): Cluster | undefined {
  return listClusters(rack).find(({ id }) => id === node.config?.clusterId);
}

/** Starts etcd on one control plane. Once: a second time is answered like the real one, and retried by the provider in vain. */
export function bootstrap(rack: Rack, call: TalosCall): void {
  const node = openConfigured(rack, call, "Bootstrap");
  const { config, etcdAddress } = node;
  if (config?.type !== "controlplane")
    throw retryable("Unimplemented", "bootstrap can only be performed on a control plane node", call.timeoutSec);
  const existing = clusterOf(rack, node);
  if (existing && isMember(existing, node))
    throw retryable("AlreadyExists", "etcd data directory is not empty", call.timeoutSec);
  if (existing) {
    throw retryable(
      "AlreadyExists",
      `etcd data directory is not empty (${node.hostname} is joining cluster ${existing.name}, which has been bootstrapped)`,
      call.timeoutSec,
    );
  }
  if (etcdAddress === undefined) {
    throw retryable(
      "FailedPrecondition",
      `bootstrap is not available yet (no address of ${node.hostname} lies in ${config.etcdSubnets.join(", ")})`,
      call.timeoutSec,
    );
  }
  const cluster = {
    id: config.clusterId,
    name: config.clusterName,
    authority: config.kubernetesAuthority,
    bootstrappedAt: simulatedNow(rack),
  };
  clusters(rack).put(cluster.id, { ...cluster, members: [memberOf(rack, node, etcdAddress)] });
}

/** Takes a node out of etcd before it goes. */
export function leaveEtcd(rack: Rack, node: TalosNode): void {
  const cluster = clusterOf(rack, node);
  if (!cluster || !isMember(cluster, node)) return;
  removeMember(rack, cluster, node.machine.id);
}

/** A member's data are gone. With those of the last one the cluster is. */
export function loseMember(rack: Rack, cluster: Cluster, machine: string): void {
  const members = cluster.members.map((member) => (member.machine === machine ? { ...member, isLost: true } : member));
  clusters(rack).put(cluster.id, { ...cluster, members });
  settle(rack);
}

/** Strikes a member off, alive or not. */
export function removeMember(rack: Rack, cluster: Cluster, machine: string): void {
  const rest = cluster.members.filter((member) => member.machine !== machine);
  if (rest.length === 0) dropCluster(rack, cluster);
  else clusters(rack).put(cluster.id, { ...cluster, members: rest });
}
