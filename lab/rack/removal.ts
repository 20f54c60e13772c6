// Taking a host out of the rack: only one that carries nothing any more.
import { clusterOf } from "./corosync.ts";
import { hosts, proxmoxHosts } from "./hosts.ts";
import { storages } from "./storage.ts";
import type { Rack } from "./store.ts";
import { vmsOn } from "./vms.ts";

/** What would be lost if the host were carried away now, in words; empty: nothing. */
export function whatHostCarries(rack: Rack, name: string): string[] {
  const disks = hosts(rack).get(name)?.disks ?? [];
  const cluster = clusterOf(rack, name);
  return [
    ...vmsOn(rack, name).map((vm) => `VM ${vm.vmid} (${vm.name})`),
    ...disks
      .filter((disk) => disk.holds !== undefined && disk.holds !== "system")
      .map((disk) => `${disk.holds} on ${disk.name}`),
    ...(cluster && cluster.nodes.length > 1 ? [`membership of cluster ${cluster.name}`] : []),
  ];
}

/** Takes out a host, and what is only about it. */
export function removeHost(rack: Rack, name: string): void {
  const cluster = clusterOf(rack, name);
  if (cluster?.nodes.length === 1) rack.collection("corosync").delete(cluster.name);
  for (const { id, body } of storages(rack).list()) if (body.host === name) storages(rack).delete(id);
  for (const { id } of rack.collection("host-file").list())
    if (id.startsWith(`${name}:`)) rack.collection("host-file").delete(id);
  rack.collection("host-system").delete(name);
  proxmoxHosts(rack).delete(name);
  rack.collection("links").delete(name);
  hosts(rack).delete(name);
}
