// Labels that somebody put on a node besides those of its configuration. They go with the node.

import type { Collection, Rack } from "../store.ts";
import type { Cluster } from "../talos/cluster.ts";
import { objectKind } from "../talos/cluster.ts";

/** Labels by node. */
export function nodeLabels(rack: Rack, cluster: Cluster): Collection<Record<string, string>> {
  return rack.collection<Record<string, string>>(`node-labels/${objectKind(cluster)}`);
}

/** Forgets the labels of nodes that are no more. */
export function dropLabels(rack: Rack, cluster: Cluster, present: readonly string[]): void {
  const labels = nodeLabels(rack, cluster);
  for (const { id } of labels.list()) if (!present.includes(id)) labels.delete(id);
}
