// Replicas that move: off a node that is evacuated or lost, each after its successor has caught up.
import { simulatedNow } from "../clock.ts";
import type { ClusterNode } from "../kubernetes/cluster-nodes.ts";
import type { Api } from "../kubernetes/objects.ts";
import { poolNames } from "./pools.ts";
import type { LinstorResource, LinstorState } from "./state.ts";

/** From a node's start, or from the making of a replica, until it has caught up with the others. */
export const RESYNC_MS = 30_000;

/** Whether LINSTOR puts a replica on a node. */
export function takesReplicas(state: LinstorState, online: ReadonlySet<string>, name: string): boolean {
  return online.has(name) && state.nodes[name]?.isEvacuating !== true;
}

/** Whether a node is in another zone than every replica, but for one that is to go; always, where that is not asked for. */
export function liesApart(
  state: LinstorState,
  { isSpread, diskful }: Pick<LinstorResource, "isSpread" | "diskful">,
  name: string,
  leaving?: string,
): boolean {
  const zone = state.nodes[name]?.zone;
  return isSpread !== true || diskful.every((other) => other === leaving || state.nodes[other]?.zone !== zone);
}

/** An even number of replicas gets a node that only votes, where there is one. */
export function withTieBreaker(
  { tieBreaker: _, ...resource }: LinstorResource,
  state: LinstorState,
  online: ReadonlySet<string>,
): LinstorResource {
  if (resource.diskful.length % 2 === 1) return resource;
  const tieBreaker = Object.keys(state.nodes)
    .sort()
    .filter((name) => takesReplicas(state, online, name) && !resource.diskful.includes(name))
    .find((name) => liesApart(state, resource, name));
  return tieBreaker === undefined ? resource : { ...resource, tieBreaker };
}

/** Moves a node's replicas to nodes that have none of them; each stays until its successor is in step, or for good when it finds none. */
export function evacuate(
  api: Api,
  state: LinstorState,
  nodes: readonly ClusterNode[],
  online: ReadonlySet<string>,
  name: string,
): void {
  for (const [id, resource] of Object.entries(state.resources)) {
    if (resource.tieBreaker === name) state.resources[id] = withTieBreaker(resource, state, online);
    if (!resource.diskful.includes(name) || resource.leaving?.[name] !== undefined) continue;
    const place = freePlace(api, state, nodes, online, resource, name);
    if (place === undefined) continue;
    state.resources[id] = { ...withReplica(api, resource, place), leaving: { ...resource.leaving, [name]: place } };
  }
}

function freePlace(
  api: Api,
  state: LinstorState,
  nodes: readonly ClusterNode[],
  online: ReadonlySet<string>,
  resource: LinstorResource,
  leaving?: string,
): string | undefined {
  return nodes
    .filter((node) => takesReplicas(state, online, node.name) && poolNames(api, node).length > 0)
    .map(({ name }) => name)
    .find((name) => !resource.diskful.includes(name) && liesApart(state, resource, name, leaving));
}

function withReplica(api: Api, { tieBreaker, ...resource }: LinstorResource, place: string): LinstorResource {
  return {
    ...resource,
    diskful: [...resource.diskful, place],
    ...(tieBreaker === undefined || tieBreaker === place ? {} : { tieBreaker }),
    inStepFrom: { ...resource.inStepFrom, [place]: simulatedNow(api.rack) + RESYNC_MS },
  };
}

/** Forgets a node with everything on it. */
export function loseNode(state: LinstorState, name: string): void {
  delete state.nodes[name];
  for (const key of Object.keys(state.connections)) if (key.split("|").includes(name)) delete state.connections[key];
  for (const [id, { tieBreaker, ...resource }] of Object.entries(state.resources)) {
    const diskful = resource.diskful.filter((node) => node !== name);
    state.resources[id] = {
      ...resource,
      diskful,
      ...(tieBreaker === undefined || tieBreaker === name ? {} : { tieBreaker }),
    };
  }
}

/** Gives volumes that have lost replicas new ones, as far as there are places. */
export function fillUp(
  api: Api,
  state: LinstorState,
  nodes: readonly ClusterNode[],
  online: ReadonlySet<string>,
): void {
  for (const [id, resource] of Object.entries(state.resources)) {
    const place = freePlace(api, state, nodes, online, resource);
    const isShort = resource.diskful.length < resource.replicas;
    if (isShort && place !== undefined) state.resources[id] = withReplica(api, resource, place);
    state.resources[id] = withTieBreaker(state.resources[id] ?? resource, state, online);
  }
}

/** Takes away the replicas whose successors are in step. */
export function finishMoves(api: Api, state: LinstorState, online: ReadonlySet<string>): void {
  const now = simulatedNow(api.rack);
  for (const [id, resource] of Object.entries(state.resources)) {
    const { leaving = {}, ...rest } = resource;
    const done = Object.keys(leaving).filter((node) => (resource.inStepFrom?.[leaving[node] ?? ""] ?? 0) <= now);
    if (done.length === 0) continue;
    const left = Object.entries(leaving).filter(([node]) => !done.includes(node));
    const diskful = resource.diskful.filter((node) => !done.includes(node));
    const still = left.length === 0 ? {} : { leaving: Object.fromEntries(left) };
    state.resources[id] = withTieBreaker({ ...rest, diskful, ...still }, state, online);
  }
}
