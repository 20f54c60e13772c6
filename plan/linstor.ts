// LINSTOR: which address replicates, which pairs exist, which devices form the pool.
import type { Draft } from "./draft.ts";
import { sortedEntries } from "./order.ts";
import type { LinstorPlan } from "./plan.ts";

/** Checks LINSTOR's part. */
export function readLinstor(draft: Draft): void {
  const { env } = draft;
  const { linstor } = env;
  if (linstor === undefined) return;
  const onRing = linstor.network === "usb4Ring";
  if (onRing && env.usb4Ring === undefined)
    draft.error(
      "linstor-without-ring",
      "linstor.network",
      "there is no usb4Ring in the description; add it or name a VLAN",
    );
  if (!onRing) draft.known("vlan", linstor.network, Object.keys(env.vlans), "linstor.network");
  const storage = storageNodes(draft);
  for (const [name] of storage) {
    if (
      addressOf(draft, name) === undefined &&
      (onRing ? env.usb4Ring !== undefined : env.vlans[linstor.network] !== undefined)
    ) {
      draft.error(
        "linstor-node-without-address",
        `nodes.${name}`,
        `${name} has a LINSTOR disk but no address on ${linstor.network}; replication would fall back to the pod network`,
      );
    }
  }
  if (storage.length < linstor.replicas) {
    draft.error(
      "linstor-replicas",
      "linstor.replicas",
      `${linstor.replicas} replicas on ${storage.length} nodes with a disk of use: linstor; add disks or lower replicas`,
    );
  } else if (linstor.replicas === 2 && Object.keys(env.nodes).length < 3) {
    draft.warn(
      "linstor-no-tiebreaker",
      "linstor.replicas",
      "two replicas on two nodes have no quorum when one is down; a third node, even without a disk, breaks the tie",
    );
  } else if (linstor.replicas === 1)
    draft.warn("linstor-single-replica", "linstor.replicas", "one replica: a dead disk is lost data");
}

function storageNodes(draft: Draft): [string, string][] {
  return sortedEntries(draft.env.nodes).flatMap(([name, node]) => {
    const disk = Object.values(draft.env.hosts[node.host]?.disks ?? {}).find((d) => d.use === "linstor");
    return disk === undefined ? [] : [[name, disk.device] as [string, string]];
  });
}

function addressOf(draft: Draft, name: string): string | undefined {
  const node = draft.env.nodes[name];
  const network = draft.env.linstor?.network;
  if (node === undefined || network === undefined) return undefined;
  return network === "usb4Ring" ? draft.env.usb4Ring?.members[node.host] : node.addresses[network];
}

/** LINSTOR as the Plan shows it: every node takes part (a diskless one breaks ties), each pair once. */
export function planLinstor(draft: Draft): LinstorPlan | undefined {
  const { linstor } = draft.env;
  if (linstor === undefined) return undefined;
  const interfaces = sortedEntries(draft.env.nodes).flatMap(([node]) => {
    const address = addressOf(draft, node);
    return address === undefined ? [] : [{ node, address }];
  });
  return {
    interfaceName: linstor.interfaceName,
    interfaces,
    pairs: interfaces.flatMap((a, i) => interfaces.slice(i + 1).map((b): [string, string] => [a.node, b.node])),
    pool: linstor.pool,
    devices: storageNodes(draft).map(([node, device]) => ({ node, device })),
    replicas: linstor.replicas,
    method: linstor.method,
    adoptPaths: linstor.adoptPaths,
  };
}
