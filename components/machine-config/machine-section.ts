// The `machine:` section: what a node is besides its network.
import type { ClusterPlan, NodePlan } from "../../plan/plan.ts";

/** Talos sets it on control planes; while it is there MetalLB announces nothing from them. */
const excludeFromLoadBalancers = "node.kubernetes.io/exclude-from-external-load-balancers";

/** Who may save etcd from inside the cluster: that role, in that namespace, and nothing else. */
export const talosBackupRole = "os:etcd:backup";
export const talosBackupNamespace = "etcd-backup";

/** `machine:` of a node. `kubePrismPort` is where every node offers the API to itself. */
export function machineSection(cluster: ClusterPlan, node: NodePlan, kubePrismPort: number): object {
  // Only where Talos sets the label: deleting what is not there is an error.
  const announces = node.role === "controlplane" && cluster.workloadsOnControlPlanes;
  return {
    certSANs: [...new Set([node.managementAddress, node.nodeAddress, node.fqdn])],
    nodeLabels: { ...(announces ? { [excludeFromLoadBalancers]: { $patch: "delete" } } : {}), ...node.labels },
    // Cilium takes the node's pod range from here (annotateK8sNode) as long as the node object names none.
    nodeAnnotations: { "network.cilium.io/ipv4-pod-cidr": node.podPrefix },
    kubelet: {
      nodeIP: { validSubnets: [cluster.nodePrefix] },
      extraConfig: { maxPods: cluster.maxPodsPerNode, ...shutdownPeriods(cluster) },
    },
    ...(cluster.kernelModules.length === 0 ? {} : { kernel: { modules: cluster.kernelModules.map(kernelModule) } }),
    features: {
      kubePrism: { enabled: true, port: kubePrismPort },
      // Forwarding cluster DNS to the host breaks with Cilium's BPF host routing (cilium#36737).
      hostDNS: { enabled: true, forwardKubeDNSToHost: false },
      ...(node.role === "worker" ? {} : { kubernetesTalosAPIAccess: talosApiAccess }),
    },
  };
}

/** The kubelet's share of an orderly shutdown; it asks Talos to wait that long. */
function shutdownPeriods({ shutdown }: ClusterPlan): object {
  if (shutdown === undefined) return {};
  return {
    shutdownGracePeriod: `${shutdown.graceSeconds}s`,
    shutdownGracePeriodCriticalPods: `${shutdown.criticalSeconds}s`,
  };
}

function kernelModule(module: ClusterPlan["kernelModules"][number]): object {
  return { name: module.name, ...(module.parameters.length === 0 ? {} : { parameters: module.parameters }) };
}

const talosApiAccess = {
  enabled: true,
  allowedRoles: [talosBackupRole],
  allowedKubernetesNamespaces: [talosBackupNamespace],
};
