// Volumes: where their replicas lie, over which wires they replicate, and whether they can be written.
import { simulatedNow } from "../clock.ts";
import { hosts } from "../hosts.ts";
import { type ClusterNode, clusterNodes } from "../kubernetes/cluster-nodes.ts";
import { type Api, getObject, type KubeObject, listKind, type Stored } from "../kubernetes/objects.ts";
import type { Pod } from "../kubernetes/pods.ts";
import { bindingOf, waitsForConsumer } from "../kubernetes/volumes.ts";
import { reach } from "../reach.ts";
import { ringWay } from "../ring.ts";
import { answersTo } from "../talos/ingress.ts";
import { ports } from "../talos/reach.ts";
import { liesApart, RESYNC_MS, takesReplicas, withTieBreaker } from "./moves.ts";
import { LINSTOR_DRIVER, ZONE_LABEL } from "./objects.ts";
import { poolDevice } from "./pools.ts";
import { type LinstorResource, type LinstorState, linstorState, pairKey } from "./state.ts";

interface VolumeClass {
  readonly pool: string;
  readonly replicas: number;
  readonly isSpread: boolean;
}

function classOf(api: Api, claim: KubeObject): VolumeClass | undefined {
  const name = claim.spec?.["storageClassName"] as string | undefined;
  const isDefault = ({ object }: Stored) =>
    object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
  const found =
    name === undefined
      ? listKind(api, "StorageClass").find(isDefault)
      : getObject(api, "storage.k8s.io/v1", "StorageClass", undefined, name);
  if (found?.object["provisioner"] !== LINSTOR_DRIVER) return undefined;
  const parameters = (found.object["parameters"] ?? {}) as Record<string, string>;
  return {
    pool: parameters[`${LINSTOR_DRIVER}/storagePool`] ?? "",
    replicas: Number(parameters[`${LINSTOR_DRIVER}/autoPlace`] ?? 1),
    isSpread: parameters[`${LINSTOR_DRIVER}/replicasOnDifferent`] === ZONE_LABEL,
  };
}

/** Gives every bound claim its replicas: on the node of its pod, then where the fewest are; two get a tie breaker. */
export function placeResources(
  api: Api,
  state: LinstorState,
  pods: readonly Pod[],
  nodes: readonly ClusterNode[],
  online: ReadonlySet<string>,
): void {
  const claims = listKind(api, "PersistentVolumeClaim");
  for (const id of Object.keys(state.resources)) {
    if (!claims.some(({ object }) => object.metadata.uid === id)) delete state.resources[id];
  }
  const now = simulatedNow(api.rack);
  for (const stored of claims) {
    const { object } = stored;
    const id = object.metadata.uid ?? "";
    const volumeClass = classOf(api, object);
    if (volumeClass === undefined || state.resources[id] !== undefined) continue;
    const { name: claim, namespace = "default" } = object.metadata;
    const user = pods.find(
      (pod) =>
        pod.namespace === namespace &&
        (pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === claim) ||
          claim.endsWith(`-${pod.name}`)),
    );
    const binding = bindingOf(api, stored, pods);
    const isBound =
      "at" in binding && binding.at <= now && (!waitsForConsumer(api, stored) || user?.node !== undefined);
    if (stored.isDone !== true && !isBound) continue;
    const load = (name: string) =>
      Object.values(state.resources).filter(({ diskful }) => diskful.includes(name)).length;
    const isUser = (name: string) => Number(user?.node?.name !== name);
    const places = nodes
      .filter(
        (node) => takesReplicas(state, online, node.name) && poolDevice(api, node, volumeClass.pool) !== undefined,
      )
      .map(({ name }) => name)
      .sort((a, b) => isUser(a) - isUser(b) || load(a) - load(b) || (a < b ? -1 : 1));
    const { replicas, isSpread } = volumeClass;
    const diskful: string[] = [];
    for (const name of places)
      if (diskful.length < replicas && liesApart(state, { diskful, isSpread }, name)) diskful.push(name);
    if (diskful.length < replicas) continue;
    state.resources[id] = withTieBreaker(
      { namespace, claim, diskful, replicas, madeAt: now, ...(isSpread ? { isSpread } : {}) },
      state,
      online,
    );
    for (const name of diskful) markDisk(api, nodes, name, volumeClass.pool);
  }
}

function markDisk(api: Api, nodes: readonly ClusterNode[], name: string, pool: string): void {
  const node = nodes.find((candidate) => candidate.name === name);
  const device = node === undefined ? undefined : poolDevice(api, node, pool);
  if (node === undefined || device === undefined) return;
  hosts(api.rack).edit(node.talos.machine.host, (host) => {
    for (const disk of host.disks) if (disk.device === device) disk.holds = "linstor";
  });
}

/** How two nodes replicate. */
interface ReplicationLink {
  readonly nodes: readonly [string, string];
  /** LINSTOR interface. */
  readonly interface: string;
  /** Hosts the packets pass. Empty: they do not get through. */
  readonly over: readonly string[];
}

/** A volume as it is now. */
export interface VolumeStatus extends LinstorResource {
  readonly links: readonly ReplicationLink[];
  /** Nodes on which it can be written. */
  readonly writableOn: readonly string[];
  /** Nodes that run and have all that was written. */
  readonly inStep: readonly string[];
}

function linkBetween(api: Api, state: LinstorState, a: ClusterNode, b: ClusterNode): ReplicationLink {
  const props = state.connections[pairKey(a.name, b.name)]?.props ?? {};
  // DRBD takes any path that works; without one, the address of the satellite itself.
  const names = [...new Set(Object.values(props))];
  const candidates = names.length === 0 ? ["default-ipv4"] : names;
  for (const name of candidates) {
    const over = wayBetween(api, a, b, state.nodes[b.name]?.interfaces[name]);
    const back = wayBetween(api, b, a, state.nodes[a.name]?.interfaces[name]);
    if (over.length > 0 && back.length > 0 && drbdConnects(api, state, name, a, b))
      return { nodes: [a.name, b.name], interface: name, over };
  }
  return { nodes: [a.name, b.name], interface: candidates[0] ?? "", over: [] };
}

/** Both ends try to connect; one that is let in is enough. */
function drbdConnects(api: Api, state: LinstorState, name: string, a: ClusterNode, b: ClusterNode): boolean {
  return [[a, b] as const, [b, a] as const].some(([from, to]) => {
    const address = state.nodes[to.name]?.interfaces[name] ?? "";
    return answersTo(api.rack, to.talos, from.talos.machine, address, ports.drbd);
  });
}

function wayBetween(api: Api, from: ClusterNode, to: ClusterNode, address: string | undefined): readonly string[] {
  if (address === undefined || from.talos.stage !== "running" || to.talos.stage !== "running") return [];
  const ring = ringWay(api.rack, from.talos.machine.name, address);
  if (ring !== undefined) return ring.hosts;
  const isReached = reach(api.rack, { from: from.talos.machine.name, to: address }).ok;
  return isReached ? [from.talos.machine.name, to.talos.machine.name] : [];
}

/** Whether a node runs and its replica has everything: after a restart it is behind for a while. */
function isInStep(api: Api, resource: LinstorResource, node: ClusterNode | undefined): boolean {
  if (node?.talos.stage !== "running") return false;
  const { restarts = 0, runsFrom = 0 } = node.talos.installation ?? {};
  const wasAway = restarts > 0 && runsFrom > (resource.madeAt ?? 0);
  const from = Math.max(resource.inStepFrom?.[node.name] ?? 0, wasAway ? runsFrom + RESYNC_MS : 0);
  return simulatedNow(api.rack) >= from;
}

/** Notes the volumes that nobody can write. */
export function noteOutages(api: Api, state: LinstorState): void {
  const now = volumeStates(api, state)
    .filter(({ writableOn }) => writableOn.length === 0)
    .map(({ namespace, claim }) => `${namespace}/${claim}`);
  const begun = now.filter((volume) => state.halted?.includes(volume) !== true);
  if (begun.length > 0)
    state.outages = [...(state.outages ?? []), ...begun.map((volume) => ({ volume, at: simulatedNow(api.rack) }))];
  if (now.length > 0 || state.halted !== undefined) state.halted = now;
}

/** Every volume: who is connected with whom, and where the majority is. */
export function volumeStates(api: Api, state = linstorState(api)): VolumeStatus[] {
  const nodes = new Map(clusterNodes(api.rack, api.cluster).map((node) => [node.name, node]));
  // Volumes share their pairs of nodes.
  const known = new Map<string, ReplicationLink>();
  const linkOf = (one: ClusterNode, other: ClusterNode): ReplicationLink => {
    const key = pairKey(one.name, other.name);
    const link = known.get(key) ?? linkBetween(api, state, one, other);
    known.set(key, link);
    return link;
  };
  return Object.values(state.resources).map((resource) => {
    const voters = [...resource.diskful, ...(resource.tieBreaker === undefined ? [] : [resource.tieBreaker])];
    const links = voters.flatMap((a, i) =>
      voters.slice(i + 1).flatMap((b) => {
        const [one, other] = [nodes.get(a), nodes.get(b)];
        return one && other ? [linkOf(one, other)] : [];
      }),
    );
    const hears = (a: string, b: string) =>
      links.some(({ nodes: pair, over }) => over.length > 0 && pair.includes(a) && pair.includes(b));
    const inStep = resource.diskful.filter((name) => isInStep(api, resource, nodes.get(name)));
    const writableOn = resource.diskful.filter((name) => {
      const node = nodes.get(name);
      if (node?.talos.stage !== "running") return false;
      const heard = voters.filter((other) => other === name || hears(name, other));
      return heard.length * 2 > voters.length && heard.some((other) => inStep.includes(other));
    });
    return { ...resource, links, writableOn, inStep };
  });
}
