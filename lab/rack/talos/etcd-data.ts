// What lies in etcd: all of Kubernetes. A snapshot is a copy of it; disks that are wiped take it with them; a cluster can be started from a copy.
import { simulatedNow } from "../clock.ts";
import type { Rack } from "../store.ts";
import { bootstrap, type Cluster, clusterOf, leaveEtcd, loseMember, objectKind } from "./cluster.ts";
import { install, REBOOT_MS, type TalosNode } from "./nodes.ts";
import { noteRestart } from "./restarts.ts";
import type { TalosCall } from "./talos-api.ts";

interface SavedDocument {
  readonly kind: string;
  readonly id: string;
  readonly body: object;
}

/** Kinds of documents that are Kubernetes objects, or parts of them. */
const kindsIn = (cluster: Cluster): string[] => [
  objectKind(cluster),
  `node-marks/${cluster.name}`,
  `node-labels/${objectKind(cluster)}`,
];

/** Everything in etcd, as text. */
export function saveEtcd(rack: Rack, cluster: Cluster): string {
  const documents = kindsIn(cluster).flatMap((kind) =>
    rack
      .collection(kind)
      .list()
      .map(({ id, body }): SavedDocument => ({ kind, id, body })),
  );
  return `simulated etcd snapshot of ${cluster.name}: ${documents.length} keys\n${JSON.stringify(documents)}\n`;
}

/** Snapshots that jobs in the cluster have kept on a volume, oldest first. */
export function listSnapshots(rack: Rack): string[] {
  return rack
    .collection("host-file")
    .list()
    .flatMap(({ id }) => /^pod:[^:]+:\/backup\/(.+\.snapshot)$/.exec(id)?.[1] ?? [])
    .sort();
}

/** Starts a cluster from a copy; throws what `talosctl bootstrap --recover-from` would say. */
export function recoverEtcd(rack: Rack, call: TalosCall, snapshot: string): void {
  const [head = "", text = ""] = snapshot.split("\n");
  if (!head.startsWith("simulated etcd snapshot"))
    throw new Error("error recovering from snapshot: snapshot file size is not valid, corrupted?");
  bootstrap(rack, call);
  for (const { kind, id, body } of JSON.parse(text) as SavedDocument[]) rack.collection(kind).put(id, body);
}

/** Empties a node's etcd and whatever else is not its configuration, and restarts it. */
export function wipeData(rack: Rack, node: TalosNode, isGraceful: boolean): void {
  const { installation } = node;
  if (installation === undefined) return;
  if (isGraceful) leaveEtcd(rack, node);
  const cluster = clusterOf(rack, node);
  const from = simulatedNow(rack);
  install(rack, node.machine, {
    ...installation,
    runsFrom: from + REBOOT_MS,
    restarts: (installation.restarts ?? 0) + 1,
  });
  noteRestart(rack, node, "reset of EPHEMERAL", from, from + REBOOT_MS);
  // It is down by now: it joins the others, if there are any, when it is up again.
  if (cluster !== undefined) loseMember(rack, cluster, node.machine.id);
}
