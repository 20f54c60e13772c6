// The part of the `linstor` command line about pools and replicas, and how they leave a node.
import { clusterNodes } from "../kubernetes/cluster-nodes.ts";
import type { Api } from "../kubernetes/objects.ts";
import { listPods } from "../kubernetes/pods.ts";
import { type Handler, nodeOf, Refusal, success, table } from "./client-answers.ts";
import { evacuate, fillUp, loseNode } from "./moves.ts";
import { onlineSatellites } from "./operator.ts";
import { poolNames } from "./pools.ts";
import { volumeStates } from "./resources.ts";

export const nodeEvacuate: Handler = (api, state, [name = ""]) => {
  nodeOf(state, name).isEvacuating = true;
  const nodes = clusterNodes(api.rack, api.cluster);
  evacuate(api, state, nodes, onlineSatellites(api, listPods(api), nodes), name);
  return success(`Node '${name}' is being evacuated.`);
};

/** For a node that never comes back: what it had is forgotten at once. */
export const nodeLost: Handler = (api, state, [name = ""]) => {
  nodeOf(state, name);
  if (onlineSatellites(api, listPods(api), clusterNodes(api.rack, api.cluster)).has(name))
    throw new Refusal(`ERROR:\nDescription:\n    Node '${name}' still connected, please use the 'DelNode' api.\n`);
  loseNode(state, name);
  return success(`Node '${name}' deleted.`);
};

/** Gives every volume the replicas that it should have. */
export const groupAdjust: Handler = (api, state) => {
  const nodes = clusterNodes(api.rack, api.cluster);
  fillUp(api, state, nodes, onlineSatellites(api, listPods(api), nodes));
  return success("Resource groups adjusted.");
};

export const poolList: Handler = (api, state) => {
  const nodes = clusterNodes(api.rack, api.cluster);
  const online = onlineSatellites(api, listPods(api), nodes);
  const rows = nodes
    .filter(({ name }) => state.nodes[name] !== undefined)
    .flatMap((node) => {
      const isOnline = online.has(node.name) ? "Ok" : "Warning";
      const diskless = ["DfltDisklessStorPool", node.name, "DISKLESS", "", "", "", "False", isOnline, ""];
      return [
        diskless,
        ...poolNames(api, node).map((pool) => [
          pool,
          node.name,
          "LVM_THIN",
          pool,
          "1 TiB",
          "1.8 TiB",
          "True",
          isOnline,
          "",
        ]),
      ];
    });
  const header = [
    "StoragePool",
    "Node",
    "Driver",
    "PoolName",
    "FreeCapacity",
    "TotalCapacity",
    "CanSnapshots",
    "State",
    "SharedName",
  ];
  return table(header, rows);
};

/** Rows as the client shows them; nodes that only vote with `--all` alone. */
export const resourceList: Handler = (api, state, args) => {
  const only = args[args.indexOf("--nodes") + 1];
  const isShown = (node: string): boolean => !args.includes("--nodes") || node === only;
  const rows = volumeStates(api, state).flatMap((volume) => {
    const { claim, namespace, diskful, tieBreaker, inStep, links, leaving } = volume;
    const votes = args.includes("--all") && tieBreaker !== undefined ? [tieBreaker] : [];
    return [...diskful, ...votes].filter(isShown).map((node) => {
      const own = links.filter(({ nodes }) => nodes.includes(node));
      const lost = own
        .filter(({ over }) => over.length === 0)
        .flatMap(({ nodes }) => nodes.filter((name) => name !== node));
      const isRunning = runs(api, node);
      const data = node === tieBreaker ? "TieBreaker" : inStep.includes(node) ? "UpToDate" : "SyncTarget(42.00%)";
      const shown = isRunning ? `${data}${leaving?.[node] === undefined ? "" : ", Evacuating"}` : "Unknown";
      const connections = !isRunning ? "" : lost.length === 0 ? "Ok" : `Connecting(${lost.join(",")})`;
      return [
        `${namespace}/${claim}`,
        node,
        "DRBD,STORAGE",
        isRunning ? "Unused" : "",
        connections,
        shown,
        "2026-01-01 00:00:00",
      ];
    });
  });
  return table(["ResourceName", "Node", "Layers", "Usage", "Conns", "State", "CreatedOn"], rows);
};

function runs(api: Api, name: string): boolean {
  return clusterNodes(api.rack, api.cluster).some((node) => node.name === name && node.talos.stage === "running");
}
