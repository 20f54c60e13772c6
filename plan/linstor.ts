// LINSTOR: which address replicates, which pairs exist, which devices form the pool.
import type { Draft } from "./draft.ts";
import { knownNetwork, ringNetwork } from "./host-networks.ts";
import { compareText, sortedEntries } from "./order.ts";
import type { LinstorConnectionPlan, LinstorPlan } from "./plan.ts";
import { zoneLabel, zoneOf } from "./zones.ts";

/** Checks LINSTOR's part. */
export function readLinstor(draft: Draft): void {
  const { linstor, nodes, platform } = draft.env;
  if (linstor === undefined) return;
  checkNetwork(draft, linstor.network, "linstor.network");
  if (linstor.betweenZones !== undefined) {
    checkNetwork(draft, linstor.betweenZones.network, "linstor.betweenZones.network");
    if (linstor.betweenZones.interfaceName === linstor.interfaceName) {
      draft.error(
        "linstor-interface-twice",
        "linstor.betweenZones.interfaceName",
        `"${linstor.interfaceName}" already names the interface inside a zone; choose another name`,
      );
    }
  }
  if (platform === "proxmox") {
    draft.error(
      "linstor-in-machines",
      "linstor",
      "the virtual machines do not get the hosts' disks, and replicas on disks that Ceph replicates already would multiply; use ceph, or platform: metal",
    );
    return;
  }
  const storage = storageNodes(draft);
  if (storage.length < linstor.replicas) {
    draft.error(
      "linstor-replicas",
      "linstor.replicas",
      `${linstor.replicas} replicas on ${storage.length} nodes with a disk of use: linstor; add disks or lower replicas`,
    );
  } else if (linstor.replicas === 2 && Object.keys(nodes).length < 3) {
    draft.warn(
      "linstor-no-tiebreaker",
      "linstor.replicas",
      "two replicas on two nodes have no quorum when one is down; a third node, even without a disk, breaks the tie",
    );
  } else if (linstor.replicas === 1) {
    draft.warn("linstor-single-replica", "linstor.replicas", "one replica: a dead disk is lost data; use two or three");
  } else if (hasRacks(draft)) checkRacks(draft, linstor.replicas);
}

/** Whether it is said of the volumes' disks in which rack they are. */
function hasRacks(draft: Draft): boolean {
  return storageNodes(draft).some(([name]) => draft.env.hosts[draft.env.nodes[name]?.host ?? ""]?.rack !== undefined);
}

function zonesOf(draft: Draft, names: readonly string[]): string[] {
  const zones = names.flatMap((name) => {
    const node = draft.env.nodes[name];
    return node === undefined ? [] : [zoneOf(draft.env, node)];
  });
  return [...new Set(zones)].sort(compareText);
}

/** Replicas lie in different racks as long as there are enough of them. */
function isSpread(draft: Draft, replicas: number): boolean {
  const storage = storageNodes(draft).map(([name]) => name);
  return replicas > 1 && hasRacks(draft) && zonesOf(draft, storage).length >= replicas;
}

function checkRacks(draft: Draft, replicas: number): void {
  const all = zonesOf(draft, Object.keys(draft.env.nodes));
  const storage = zonesOf(
    draft,
    storageNodes(draft).map(([name]) => name),
  );
  if (storage.length < replicas)
    draft.warn(
      "linstor-racks-too-few",
      "linstor.replicas",
      `${replicas} replicas cannot lie in different racks: the disks with use: linstor are in ${storage.join(" and ")}, and volumes may end with one of them; put such disks into ${replicas} racks`,
    );
  else if (replicas % 2 === 0 && all.length === replicas)
    draft.warn(
      "linstor-no-tiebreaker",
      "linstor.replicas",
      `${replicas} replicas in ${replicas} racks have no quorum when one of them is down; a node in a further rack, even without a disk, breaks the tie`,
    );
}

function checkNetwork(draft: Draft, network: string, path: string): void {
  if (!knownNetwork(draft, network, path)) return;
  for (const [name] of sortedEntries(draft.env.nodes)) {
    if (addressOf(draft, name, network) !== undefined) continue;
    draft.error(
      "linstor-node-without-address",
      `nodes.${name}`,
      `${name} has no address on ${network}; LINSTOR would look for its interface without a pause, give it one`,
    );
  }
}

function storageNodes(draft: Draft): [string, string][] {
  return sortedEntries(draft.env.nodes).flatMap(([name, node]) => {
    const disk = sortedEntries(draft.env.hosts[node.host]?.disks ?? {}).find(([, d]) => d.use === "linstor")?.[1];
    return disk === undefined ? [] : [[name, disk.device] as [string, string]];
  });
}

function addressOf(draft: Draft, name: string, network: string): string | undefined {
  const node = draft.env.nodes[name];
  if (node === undefined) return undefined;
  return network === ringNetwork ? draft.env.usb4Ring?.members[node.host] : node.addresses[network];
}

/** LINSTOR as the Plan shows it: every node takes part (a diskless one breaks ties), each pair once. */
export function planLinstor(draft: Draft): LinstorPlan | undefined {
  const { linstor } = draft.env;
  if (linstor === undefined) return undefined;
  const { betweenZones, interfaceName, network } = linstor;
  const networks = [{ interfaceName, network }, ...(betweenZones === undefined ? [] : [betweenZones])];
  return {
    interfaces: sortedEntries(draft.env.nodes).flatMap(([node]) =>
      networks.flatMap((place) => {
        const address = addressOf(draft, node, place.network);
        return address === undefined ? [] : [{ node, name: place.interfaceName, address }];
      }),
    ),
    connections:
      betweenZones === undefined
        ? [connection(draft, "dedicated", interfaceName, "any")]
        : [
            connection(draft, "dedicated", interfaceName, "same"),
            connection(draft, "between-zones", betweenZones.interfaceName, "different"),
          ],
    pool: linstor.pool,
    devices: storageNodes(draft).map(([node, device]) => ({ node, device })),
    replicas: linstor.replicas,
    ...(isSpread(draft, linstor.replicas) ? { differentOn: zoneLabel } : {}),
    method: linstor.method,
    adoptPaths: linstor.adoptPaths,
  };
}

function connection(
  draft: Draft,
  name: string,
  interfaceName: string,
  zones: LinstorConnectionPlan["zones"],
): LinstorConnectionPlan {
  const nodes = sortedEntries(draft.env.nodes).map(([node, settings]) => ({ node, zone: zoneOf(draft.env, settings) }));
  const pairs = nodes.flatMap((a, i) =>
    nodes
      .slice(i + 1)
      .filter((b) => zones === "any" || (a.zone === b.zone) === (zones === "same"))
      .map((b): [string, string] => [a.node, b.node]),
  );
  return { name, interface: interfaceName, zones, pairs };
}
