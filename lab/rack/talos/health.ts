// The checks of `talosctl health`: what is wrong with a cluster, in their order and words.

import { clusterNodes } from "../kubernetes/cluster-nodes.ts";
import type { Rack } from "../store.ts";
import { hasQuorum, listClusters, liveMembers } from "./cluster.ts";
import { nodeAt } from "./nodes.ts";
import { operatorReaches, ports } from "./reach.ts";

interface HealthQuestion {
  readonly controlPlaneNodes: readonly string[];
  readonly workerNodes: readonly string[];
  readonly skipKubernetesChecks: boolean;
}

function nodeProblem(rack: Rack, address: string): string | undefined {
  const node = nodeAt(rack, address);
  if (!node || node.stage === "off" || !operatorReaches(rack, node, address, ports.talosApi))
    return `waiting for ${address}: no route to host`;
  if (node.stage === "running") return undefined;
  return `waiting for ${address}: node is ${node.stage}${node.problem === undefined ? "" : `: ${node.problem}`}`;
}

/** The first check that fails; undefined: healthy. */
export function healthProblem(rack: Rack, question: HealthQuestion): string | undefined {
  const all = [...question.controlPlaneNodes, ...question.workerNodes];
  const down = all.map((address) => nodeProblem(rack, address)).find((problem) => problem !== undefined);
  if (down !== undefined) return `waiting for apid to be ready: ${down}`;
  const first = nodeAt(rack, question.controlPlaneNodes[0] ?? "");
  const cluster = listClusters(rack).find(({ id }) => id === first?.config?.clusterId);
  if (!cluster) return "waiting for etcd to be healthy: etcd is not bootstrapped";
  if (!hasQuorum(rack, cluster)) {
    return `waiting for etcd to be healthy: ${liveMembers(rack, cluster).length} of ${cluster.members.length} members are alive, no quorum`;
  }
  const members = cluster.members.map(({ address }) => address).sort();
  const expected = [...question.controlPlaneNodes].sort();
  const strange = members.find((address) => !expected.includes(address));
  if (strange !== undefined)
    return `waiting for etcd members to be control plane nodes: etcd member IP ${strange} is not in control plane nodes IP list [${expected.join(" ")}]`;
  const missing = expected.find((address) => !members.includes(address));
  if (missing !== undefined)
    return `waiting for etcd members to be consistent across nodes: ${missing} is not a member`;
  if (question.skipKubernetesChecks) return undefined;
  const nodes = clusterNodes(rack, cluster);
  const reported = nodes.map(({ address }) => address).sort();
  const unreported = all.find((address) => !reported.includes(address));
  if (unreported !== undefined)
    return `waiting for all k8s nodes to report: can't find expected node with IPs ["${unreported}"]`;
  const notReady = nodes.filter(({ problem }) => problem !== undefined);
  return notReady.length > 0
    ? `waiting for all k8s nodes to report ready: some nodes are not ready: [${notReady.map(({ name }) => name).join(" ")}]`
    : undefined;
}
