// Whether LINSTOR finds nodes for the replicas of a claim.
import { clusterNodes } from "../kubernetes/cluster-nodes.ts";
import type { Api } from "../kubernetes/objects.ts";
import { LINSTOR_DRIVER, ZONE_LABEL } from "./objects.ts";
import { poolDevice } from "./pools.ts";
import { linstorState } from "./state.ts";

/** What LINSTOR says to a claim; undefined: it makes the volume. */
export function placementProblem(api: Api, parameters: Readonly<Record<string, string>>): string | undefined {
  const pool = parameters[`${LINSTOR_DRIVER}/storagePool`] ?? "";
  const replicas = Number(parameters[`${LINSTOR_DRIVER}/autoPlace`] ?? 1);
  const state = linstorState(api);
  const places = clusterNodes(api.rack, api.cluster).filter(
    (node) => state.nodes[node.name] !== undefined && poolDevice(api, node, pool) !== undefined,
  );
  const isSpread = parameters[`${LINSTOR_DRIVER}/replicasOnDifferent`] === ZONE_LABEL;
  const zones = new Set(places.map(({ name }) => state.nodes[name]?.zone)).size;
  if ((isSpread ? zones : places.length) >= replicas) return undefined;
  const inZones = isSpread ? ` in ${zones} zones` : "";
  return `failed to provision volume with StorageClass: rpc error: code = Internal desc = could not place ${replicas} replicas: storage pool ${pool} is on ${places.length} nodes${inZones}`;
}
