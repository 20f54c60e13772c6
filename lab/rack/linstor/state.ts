// What the LINSTOR controller keeps in its database: nodes with their interfaces, connections with their paths, resources with their
// places. Interfaces survive restarts of satellites; they go with the node.

import type { Api } from "../kubernetes/objects.ts";
import type { Rack } from "../store.ts";
import { objectKind } from "../talos/cluster.ts";

/** A satellite as the controller knows it. */
interface LinstorNode {
  /** Interface → address. */
  interfaces: Record<string, string>;
  /** `Aux/topology/topology.kubernetes.io/zone`, which the operator copies from the node's label. */
  zone?: string;
  /** Its replicas go elsewhere, and it gets none. */
  isEvacuating?: boolean;
}

/** Properties of the connection of two nodes. */
interface NodeConnection {
  /** `Paths/<path>/<node>` → interface. */
  props: Record<string, string>;
  /** Keys that the operator has set, which it takes away again. */
  lastApplied: string[];
}

/** A volume with its replicas. */
export interface LinstorResource {
  readonly namespace: string;
  readonly claim: string;
  /** Nodes with data. */
  readonly diskful: readonly string[];
  /** Node that only votes. */
  readonly tieBreaker?: string;
  /** How many of them it should have. */
  readonly replicas: number;
  /** Whether no two of them, nor the tie breaker, may be in one zone. */
  readonly isSpread?: boolean;
  /** When it was made, in simulated milliseconds. */
  readonly madeAt?: number;
  /** Replicas made later, which have everything from that simulated millisecond on. */
  readonly inStepFrom?: Readonly<Record<string, number>>;
  /** Replicas that go as soon as another is in step: node → the other's node. */
  readonly leaving?: Readonly<Record<string, string>>;
}

/** Documents of kind `linstor`, by the Kubernetes cluster. */
export interface LinstorState {
  nodes: Record<string, LinstorNode>;
  /** By `a|b`, sorted. */
  connections: Record<string, NodeConnection>;
  resources: Record<string, LinstorResource>;
  /** Connections over an interface that one end does not have: the controller retries them without a pause, a core at 100 %. */
  burning: string[];
  /** How often it has begun to burn. Never goes back. */
  burnCount: number;
  /** Volumes that nobody can write right now. */
  halted?: string[];
  /** How often a volume came to that, which one and when. Never shrinks. */
  outages?: { readonly volume: string; readonly at: number }[];
}

const empty = (): LinstorState => ({ nodes: {}, connections: {}, resources: {}, burning: [], burnCount: 0 });

const collection = (rack: Rack) => rack.collection<LinstorState>("linstor");

/** The controller's database; empty where there was none. */
export function linstorState(api: Api): LinstorState {
  return collection(api.rack).get(objectKind(api.cluster)) ?? empty();
}

/** Writes it back. */
export function saveLinstor(api: Api, state: LinstorState): void {
  collection(api.rack).put(objectKind(api.cluster), state);
}

/** Key of a pair of nodes. */
export function pairKey(a: string, b: string): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}

/** Both nodes of a key. */
export function pairOf(key: string): [string, string] {
  const [a = "", b = ""] = key.split("|");
  return [a, b];
}

/** Whether every interface that the paths of a pair name is there; otherwise what is missing. */
export function missingInterfaces(state: LinstorState, props: Readonly<Record<string, string>>): string[] {
  return Object.entries(props).flatMap(([key, name]) => {
    const node = key.split("/")[2] ?? "";
    return state.nodes[node]?.interfaces[name] === undefined ? [`${name} of ${node} (${key})`] : [];
  });
}

/** Notes what the controller is burning on now. */
export function noteBurning(state: LinstorState, wanted: readonly string[] = []): void {
  const stored = Object.values(state.connections).flatMap(({ props }) => missingInterfaces(state, props));
  const burning = [...new Set([...stored, ...wanted])].sort();
  if (burning.length > 0 && state.burning.length === 0) state.burnCount += 1;
  state.burning = burning;
}
