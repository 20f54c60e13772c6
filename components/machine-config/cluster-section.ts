// The `cluster:` section: what all nodes agree on. Workers get the network only; the rest belongs to control planes.
import type { ClusterPlan, NodePlan } from "../../plan/plan.ts";

/** `cluster:` of a node of that role. */
export function clusterSection(cluster: ClusterPlan, role: NodePlan["role"]): object {
  const network = {
    // Cilium comes by Helm after bootstrap: as an inline manifest it would be deleted with the patch that brought it.
    cni: { name: "none" },
    podSubnets: cluster.podPrefixes,
    serviceSubnets: [cluster.servicePrefix],
  };
  if (role === "worker") return { network };
  return {
    allowSchedulingOnControlPlanes: cluster.workloadsOnControlPlanes,
    apiServer: { certSANs: cluster.certSans },
    // A range in the node object would win over the planned one.
    controllerManager: { extraArgs: { "allocate-node-cidrs": "false" } },
    etcd: { advertisedSubnets: [cluster.etcdPrefix] },
    network,
    proxy: { disabled: true },
  };
}
