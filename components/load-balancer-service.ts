// One Kubernetes service for each planned load-balancer address. It stands beside the charts' own services (which stay inside the
// cluster), so that address and ports are exactly those of the plan whatever the chart calls its values, and Pulumi itself waits until
// the address is assigned and something answers behind it.
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerPlan, ServicePlan } from "../plan/plan.ts";
import { plannedLabel } from "./operator-scripts/free-addresses.ts";

/** The planned service of that name; absent: the description has none. */
export function plannedService(plan: LoadBalancerPlan, name: string): ServicePlan | undefined {
  return plan.services.find((service) => service.name === name);
}

/** Name of the Kubernetes object. */
export function serviceObjectName({ name }: Pick<ServicePlan, "name">): string {
  return `${name}-address`;
}

/** Arguments of {@link LoadBalancerService}. */
export interface LoadBalancerServiceArgs {
  readonly plan: ServicePlan;
  readonly namespace: pulumi.Input<string>;
  /** Labels of the pods that answer. */
  readonly selector: Readonly<Record<string, string>>;
  /** Name or number of the pods' port behind a planned port. */
  readonly targetPort: (port: number) => string | number;
}

/** A service on its planned address. */
export class LoadBalancerService extends pulumi.ComponentResource {
  static readonly type = "homelab:network:LoadBalancerService";
  /** What MetalLB really assigned. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: LoadBalancerServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(LoadBalancerService.type, name, { plan: args.plan }, opts);
    const { plan } = args;
    const service = new Service(
      `${name}-service`,
      {
        metadata: {
          name: serviceObjectName(plan),
          namespace: args.namespace,
          // What gave up its address for another one has been changed by kubectl.
          annotations: { "metallb.io/loadBalancerIPs": plan.address, "pulumi.com/patchForce": "true" },
          labels: { "app.kubernetes.io/name": plan.name, [plannedLabel]: "yes" },
        },
        spec: {
          type: "LoadBalancer",
          selector: args.selector,
          ports: plan.ports.map((port) => ({
            name: `tcp-${port}`,
            port,
            targetPort: args.targetPort(port),
            protocol: "TCP",
          })),
          // MetalLB answers on the address itself: no port of every node need be open for it.
          allocateLoadBalancerNodePorts: false,
        },
      },
      { parent: this },
    );
    this.address = service.status.apply((status) => status?.loadBalancer?.ingress?.[0]?.ip ?? plan.address);
    this.registerOutputs({ address: this.address });
  }
}
