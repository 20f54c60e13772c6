// Talos as a person looks at it: nodes and etcd.
import type { Rack } from "../store.ts";
import { hasQuorum, listClusters, liveMembers } from "./cluster.ts";
import { listNodes } from "./nodes.ts";

/** A node as a person asks for it. */
export interface TalosNodeStatus {
  readonly name: string;
  readonly machine: string;
  readonly host: string;
  readonly stage: string;
  readonly role: string;
  readonly version: string;
  readonly addresses: readonly string[];
  readonly problem?: string;
}

/** etcd of a cluster as a person asks for it. */
export interface EtcdStatus {
  readonly cluster: string;
  readonly hasQuorum: boolean;
  readonly members: readonly { readonly name: string; readonly address: string; readonly isAlive: boolean }[];
}

/** All nodes, sorted by machine. */
export function talosStatus(rack: Rack): TalosNodeStatus[] {
  return listNodes(rack)
    .filter(({ stage, installation }) => stage !== "off" || installation !== undefined)
    .map((node) => ({
      name: node.hostname,
      machine: node.machine.id,
      host: node.machine.host,
      stage: node.stage,
      role: node.config?.type ?? "",
      version: node.installation?.version ?? node.machine.medium?.version ?? "",
      addresses: node.addresses,
      ...(node.problem === undefined ? {} : { problem: node.problem }),
    }));
}

/** etcd of every cluster. */
export function etcdStatus(rack: Rack): EtcdStatus[] {
  return listClusters(rack).map((cluster) => {
    const live = new Set(liveMembers(rack, cluster).map(({ machine }) => machine.id));
    return {
      cluster: cluster.name,
      hasQuorum: hasQuorum(rack, cluster),
      members: cluster.members.map(({ hostname, address, machine }) => ({
        name: hostname,
        address,
        isAlive: live.has(machine),
      })),
    };
  });
}
