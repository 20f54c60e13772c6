// The Proxmox cluster: which hosts are in it, over which links they hear each other, and who has quorum.

import { hostIsUp } from "./hosts.ts";
import { addressesOf, ownerOf, reaches } from "./network.ts";
import type { Rack } from "./store.ts";

/** One member. */
interface CorosyncNode {
  readonly host: string;
  readonly nodeId: number;
  /** Its address on each link; link 0 first. */
  readonly links: readonly string[];
}

/** A cluster; the document's id is its name. */
export interface CorosyncCluster {
  readonly name: string;
  readonly nodes: readonly CorosyncNode[];
  readonly configVersion: number;
}

/** How one host sees the cluster. */
interface QuorumView {
  readonly isQuorate: boolean;
  readonly expectedVotes: number;
  /** Members it hears, itself included, sorted. */
  readonly online: readonly string[];
}

/** Proxmox clusters, by name. */
export function corosyncClusters(rack: Rack) {
  return rack.collection<CorosyncCluster>("corosync");
}

/** The cluster a host is a member of. */
export function clusterOf(rack: Rack, host: string): CorosyncCluster | undefined {
  return corosyncClusters(rack)
    .list()
    .map(({ body }) => body)
    .find(({ nodes }) => nodes.some((node) => node.host === host));
}

/** One link is enough to hear each other. */
function hears(rack: Rack, from: CorosyncNode, to: CorosyncNode): boolean {
  if (from.host === to.host) return hostIsUp(rack, from.host);
  if (!hostIsUp(rack, to.host)) return false;
  return to.links.some((address, link) => from.links[link] !== undefined && reaches(rack, from.host, address));
}

/** A host that is in no cluster has quorum by itself. */
export function quorumOf(rack: Rack, host: string): QuorumView {
  const cluster = clusterOf(rack, host);
  const self = cluster?.nodes.find((node) => node.host === host);
  if (!cluster || !self) return { isQuorate: hostIsUp(rack, host), expectedVotes: 1, online: [host] };
  const online = cluster.nodes
    .filter((node) => hears(rack, self, node) && hears(rack, node, self))
    .map((node) => node.host);
  return {
    isQuorate: online.length * 2 > cluster.nodes.length,
    expectedVotes: cluster.nodes.length,
    online: online.sort(),
  };
}

function checkLinks(rack: Rack, host: string, links: readonly string[]): void {
  const own = addressesOf(rack, host);
  for (const [link, address] of links.entries()) {
    if (!own.includes(address)) {
      throw new Error(
        `local node address: link${link} address ${address} is not configured on ${host} (it has ${own.join(", ") || "none"})`,
      );
    }
  }
}

/** Makes a cluster of one host; throws what `pvecm create` would say. */
export function createCluster(rack: Rack, host: string, name: string, links: readonly string[]): CorosyncCluster {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,14}$/.test(name))
    throw new Error(`cluster name '${name}' is not valid: at most 15 letters, digits and hyphens`);
  if (clusterOf(rack, host)) throw new Error("cluster config '/etc/pve/corosync.conf' already exists");
  checkLinks(rack, host, links);
  const cluster = { name, nodes: [{ host, nodeId: 1, links }], configVersion: 1 };
  corosyncClusters(rack).put(name, cluster);
  return cluster;
}

/** Takes a host into the cluster of the host that has `peer`; throws what `pvecm add` would say. */
export function joinCluster(rack: Rack, host: string, peer: string, links: readonly string[]): CorosyncCluster {
  if (clusterOf(rack, host))
    throw new Error("detected the following error(s):\n* authentication key '/etc/corosync/authkey' already exists");
  if (!reaches(rack, host, peer))
    throw new Error(`ssh: connect to host ${peer} port 22: No route to host\nunable to copy ssh ID: exit code 1`);
  const peerHost = ownerOf(rack, peer);
  const cluster = peerHost === undefined ? undefined : clusterOf(rack, peerHost);
  if (peerHost === undefined || !cluster) throw new Error(`unable to add node: ${peer} is not a member of a cluster`);
  if (!quorumOf(rack, peerHost).isQuorate) throw new Error("unable to add node: cluster not ready - no quorum?");
  checkLinks(rack, host, links);
  // totemconfig.c of corosync: the new host's own corosync would not start.
  const known = cluster.nodes[0]?.links.length ?? 0;
  if (links.length !== known) {
    throw new Error(
      `parse error in config: Not all nodes have the same number of links (${host} has ${links.length}, the cluster has ${known})`,
    );
  }
  for (const node of cluster.nodes) {
    for (const [link, address] of node.links.entries()) {
      if (reaches(rack, host, address)) continue;
      throw new Error(
        `corosync: link${link} of ${node.host} (${address}) is not reachable from ${links[link]}; check cables, VLAN and MTU of that network`,
      );
    }
  }
  return corosyncClusters(rack).edit(cluster.name, (body) => {
    const nodeId = Math.max(...body.nodes.map((node) => node.nodeId)) + 1;
    Object.assign(body, { nodes: [...body.nodes, { host, nodeId, links }], configVersion: body.configVersion + 1 });
  });
}

/** Takes a member out; throws what `pvecm delnode` would say. */
export function removeNode(rack: Rack, by: string, host: string): void {
  const cluster = clusterOf(rack, by);
  if (!cluster?.nodes.some((node) => node.host === host))
    throw new Error(`Node/IP: ${host} is not a known host of the cluster.`);
  if (by === host) throw new Error("Cannot delete myself from cluster!");
  if (!quorumOf(rack, by).isQuorate) throw new Error("cluster not ready - no quorum?");
  const nodes = cluster.nodes.filter((node) => node.host !== host);
  corosyncClusters(rack).put(cluster.name, { ...cluster, nodes, configVersion: cluster.configVersion + 1 });
}
