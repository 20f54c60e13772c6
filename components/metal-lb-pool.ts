// Load-balancer addresses: MetalLB in layer 2 mode, its pools, and the one interface they are announced on.
import * as command from "@pulumi/command";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan, LoadBalancerPlan, NodePlan } from "../plan/plan.ts";
import { charts } from "../plan/versions.ts";
import { createChartRelease } from "./chart-release.ts";
import { serviceObjectName } from "./load-balancer-service.ts";
import { type OperatorAccess, operatorCommand } from "./operator-access.ts";
import { plannedLabel, renderFreeAddresses } from "./operator-scripts/free-addresses.ts";
import { createPodSecurityNamespace } from "./pod-security-namespace.ts";
import { WebhookGate } from "./webhook-gate.ts";

const apiVersion = "metallb.io/v1beta1";
const namespaceName = "metallb-system";

/** Arguments of {@link MetalLbPool}. */
export interface MetalLbPoolArgs {
  readonly plan: LoadBalancerPlan;
  readonly cluster: Pick<ClusterPlan, "name" | "kubernetesVersion">;
  readonly nodes: readonly NodePlan[];
  readonly access: OperatorAccess;
}

/** MetalLB with the planned pools, announced on the planned interface. Depend on it before asking for an address. */
export class MetalLbPool extends pulumi.ComponentResource {
  static readonly type = "homelab:network:MetalLbPool";

  constructor(name: string, args: MetalLbPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super(MetalLbPool.type, name, { plan: args.plan }, opts);
    const { plan, cluster, nodes, access } = args;
    // Speakers use the host's network and raw sockets.
    const namespace = createPodSecurityNamespace(`${name}-namespace`, namespaceName, "privileged", { parent: this });
    const release = createChartRelease(
      `${name}-release`,
      {
        chart: charts.metallb,
        releaseName: "metallb",
        namespace: namespace.metadata.name,
        // Layer 2 only. FRR-K8s is on by default and would bring a routing daemon to every node.
        values: { frrk8s: { enabled: false }, speaker: { frr: { enabled: false } } },
      },
      { parent: this },
    );
    const gate = new WebhookGate(
      `${name}-gate`,
      {
        namespace: namespace.metadata.name,
        // No pool: one that overlaps an existing one is refused, and the gate is asked again when pools exist.
        probe: {
          apiVersion,
          kind: "L2Advertisement",
          metadata: { name: "webhook-gate", namespace: namespaceName },
          spec: {},
        },
        resource: "l2advertisements",
        generation: charts.metallb.version,
        kubernetesVersion: cluster.kubernetesVersion,
      },
      { parent: this, dependsOn: release },
    );
    const free = new command.local.Command(
      `${name}-free-addresses`,
      operatorCommand(access, {
        script: renderFreeAddresses(cluster.name, namespaceName),
        nodes,
        variables: {
          POOLS: plan.pools.map((pool) => `${pool.name}=${pool.range}`).join(" "),
          SERVICES: plan.services.map((service) => `${serviceObjectName(service)}=${service.address}`).join(" "),
        },
      }),
      { parent: this, dependsOn: gate },
    );
    const pools = plan.pools.map(
      (pool) =>
        new CustomResource(
          `${name}-pool-${pool.name}`,
          {
            apiVersion,
            kind: "IPAddressPool",
            metadata: {
              name: pool.name,
              namespace: namespace.metadata.name,
              labels: { [plannedLabel]: "yes" },
              // What was shrunk to make room has been changed by kubectl.
              annotations: { "pulumi.com/patchForce": "true" },
            },
            spec: { addresses: [pool.range], autoAssign: pool.autoAssign },
          },
          { parent: this, dependsOn: free },
        ),
    );
    new CustomResource(
      `${name}-advertisement`,
      {
        apiVersion,
        kind: "L2Advertisement",
        metadata: { name: plan.interface, namespace: namespace.metadata.name },
        spec: { ipAddressPools: plan.pools.map((pool) => pool.name), interfaces: [plan.interface] },
      },
      // An advertisement of pools that do not exist yet is accepted and announces nothing.
      { parent: this, dependsOn: [gate, ...pools] },
    );
    this.registerOutputs({});
  }
}
