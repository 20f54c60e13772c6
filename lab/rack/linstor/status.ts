// LINSTOR as a person looks at it: satellites and their interfaces, pairs and their paths, volumes and where they can be written.
import { type Api, hasNamespace } from "../kubernetes/objects.ts";
import type { Rack } from "../store.ts";
import { hasQuorum, listClusters } from "../talos/cluster.ts";
import { LINSTOR_NAMESPACE } from "./objects.ts";
import { reconcileLinstor } from "./operator.ts";
import { type VolumeStatus, volumeStates } from "./resources.ts";
import { type LinstorState, linstorState, pairOf } from "./state.ts";

/** LINSTOR of a cluster as a person asks for it. */
export interface LinstorStatus {
  readonly nodes: readonly { readonly name: string; readonly interfaces: Readonly<Record<string, string>> }[];
  readonly pairs: readonly { readonly nodes: readonly [string, string]; readonly paths: readonly string[] }[];
  readonly volumes: readonly VolumeStatus[];
  /** What the controller is busy looking for in vain. */
  readonly burning: readonly string[];
}

function pathsOf(props: LinstorState["connections"][string]["props"]): string[] {
  const paths = Object.entries(props).map(([key, link]) => `${key.split("/")[1] ?? ""} over ${link}`);
  return [...new Set(paths)].sort();
}

function statusOf(api: Api): LinstorStatus {
  // Without etcd's majority nobody acts on anything.
  if (hasQuorum(api.rack, api.cluster)) reconcileLinstor(api);
  const state = linstorState(api);
  return {
    nodes: Object.entries(state.nodes).map(([name, { interfaces }]) => ({ name, interfaces })),
    pairs: Object.entries(state.connections).map(([key, { props }]) => ({ nodes: pairOf(key), paths: pathsOf(props) })),
    volumes: volumeStates(api),
    burning: state.burning,
  };
}

/** LINSTOR of every cluster that has it. */
export function linstorStatus(rack: Rack): LinstorStatus[] {
  return rack.transaction(() =>
    listClusters(rack)
      .map((cluster) => ({ rack, cluster }))
      .filter((api) => hasNamespace(api, LINSTOR_NAMESPACE))
      .map(statusOf),
  );
}
