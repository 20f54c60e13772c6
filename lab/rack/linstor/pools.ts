// Storage pools: disks of nodes that configurations of the operator make pools.
import { hosts } from "../hosts.ts";
import { PIRAEUS_GROUP } from "../kubernetes/charts/piraeus.ts";
import type { ClusterNode } from "../kubernetes/cluster-nodes.ts";
import { type Api, listKind } from "../kubernetes/objects.ts";
import { isFor } from "./objects.ts";

/** Pools that a node has, each on a disk that is there. */
export function poolNames(api: Api, node: ClusterNode): string[] {
  return listKind(api, "LinstorSatelliteConfiguration", PIRAEUS_GROUP)
    .filter(({ object }) => isFor(object, node))
    .flatMap(({ object }) => (object.spec?.["storagePools"] ?? []) as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => poolDevice(api, node, name) !== undefined);
}

/** Disk of a node that a configuration makes its pool; undefined: none, or it is not there. */
export function poolDevice(api: Api, node: ClusterNode, pool: string): string | undefined {
  const configurations = listKind(api, "LinstorSatelliteConfiguration", PIRAEUS_GROUP).map(({ object }) => object);
  const devices = configurations
    .filter((configuration) => isFor(configuration, node))
    .flatMap(({ spec }) => (spec?.["storagePools"] ?? []) as { name: string; source?: { hostDevices?: string[] } }[])
    .filter(({ name }) => name === pool)
    .flatMap(({ source }) => source?.hostDevices ?? []);
  const disks = hosts(api.rack).get(node.talos.machine.host)?.disks ?? [];
  return devices.find((device) =>
    disks.some((disk) => disk.device === device && disk.isFailed !== true && disk.holds !== "system"),
  );
}
