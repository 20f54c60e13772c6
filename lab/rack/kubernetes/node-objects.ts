// What people and programs write into Node objects: whether pods are kept off, and annotations. The rest of a node is what its kubelet says.
import type { Rack } from "../store.ts";
import type { Cluster } from "../talos/cluster.ts";

/** The part of a Node object that is not the kubelet's. */
export interface NodeMarks {
  /** `spec.unschedulable`: no new pods. */
  readonly isCordoned: boolean;
  /** Its pods were evicted, and stay away while it is cordoned. */
  readonly isDrained: boolean;
  /** Simulated milliseconds. */
  readonly cordonedAt: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** The machine was wiped, and nobody has deleted the object. */
  readonly isGone?: boolean;
}

const UNMARKED: NodeMarks = { isCordoned: false, isDrained: false, cordonedAt: 0, annotations: {} };

const marks = (rack: Rack, cluster: Cluster) => rack.collection<NodeMarks>(`node-marks/${cluster.name}`);

/** The marks of a node. */
export function nodeMarks(rack: Rack, cluster: Cluster, name: string): NodeMarks {
  return marks(rack, cluster).get(name) ?? UNMARKED;
}

/** Changes the marks of a node. */
export function markNode(rack: Rack, cluster: Cluster, name: string, change: Partial<NodeMarks>): void {
  marks(rack, cluster).put(name, { ...nodeMarks(rack, cluster, name), ...change });
}

/** Forgets a node. */
export function unmarkNode(rack: Rack, cluster: Cluster, name: string): void {
  marks(rack, cluster).delete(name);
}

/** Nodes whose machine is gone, by name. */
export function goneNodes(rack: Rack, cluster: Cluster): string[] {
  return marks(rack, cluster)
    .list()
    .flatMap(({ id, body }) => (body.isGone === true ? [id] : []));
}
