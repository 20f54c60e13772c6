// The pod network: native routing without translation, kube-proxy's work, and pod ranges as planned.
import * as pulumi from "@pulumi/pulumi";
import type { CiliumPlan } from "../plan/plan.ts";
import { charts } from "../plan/versions.ts";
import { createChartRelease } from "./chart-release.ts";

/** Arguments of {@link Cilium}. */
export interface CiliumArgs {
  readonly plan: CiliumPlan;
}

/** Cilium on every node. Afterwards nodes are Ready and pods reach each other by their own addresses. */
export class Cilium extends pulumi.ComponentResource {
  static readonly type = "homelab:kubernetes:Cilium";

  constructor(name: string, args: CiliumArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Cilium.type, name, { plan: args.plan }, opts);
    createChartRelease(
      `${name}-release`,
      { chart: charts.cilium, releaseName: "cilium", namespace: "kube-system", values: ciliumValues(args.plan) },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** Helm values (chart 1.19). */
export function ciliumValues(plan: CiliumPlan): Record<string, unknown> {
  return {
    // Ranges come with the node's annotation: nobody allocates, so nothing depends on the order in which nodes register.
    ipam: { mode: "kubernetes" },
    annotateK8sNode: true,
    k8s: { requireIPv4PodCIDR: true },
    routingMode: "native",
    ipv4NativeRoutingCIDR: plan.nativeRoutingPrefix,
    autoDirectNodeRoutes: true,
    enableIPv4Masquerade: plan.masquerade,
    enableIPv6Masquerade: false,
    kubeProxyReplacement: true,
    // KubePrism: the API on the node's own loopback, whichever control plane is up.
    k8sServiceHost: "localhost",
    k8sServicePort: plan.apiPort,
    devices: plan.devices,
    nodePort: { directRoutingDevice: plan.directRoutingDevice },
    // The nodes' policy routing decides the way back; BPF host routing would pass it by.
    bpf: { hostLegacyRouting: true },
    // Addresses of services are MetalLB's business.
    enableLBIPAM: false,
    defaultLBServiceIPAM: "none",
    l2announcements: { enabled: false },
    // Talos mounts cgroups itself and lets no pod load kernel modules (no SYS_MODULE).
    cgroup: { autoMount: { enabled: false }, hostRoot: "/sys/fs/cgroup" },
    securityContext: {
      capabilities: {
        ciliumAgent: [
          "CHOWN",
          "KILL",
          "NET_ADMIN",
          "NET_RAW",
          "IPC_LOCK",
          "SYS_ADMIN",
          "SYS_RESOURCE",
          "DAC_OVERRIDE",
          "FOWNER",
          "SETGID",
          "SETUID",
        ],
        cleanCiliumState: ["NET_ADMIN", "SYS_ADMIN", "SYS_RESOURCE"],
      },
    },
    // Two replicas may not share a node: on one node the second would stay pending and the release never be ready.
    operator: { replicas: Math.min(2, plan.podPrefixes.length) },
    // Agents measure the latency between nodes.
    prometheus: { enabled: true },
  };
}
