// The way in for HTTP: Traefik on its planned address.
import * as pulumi from "@pulumi/pulumi";
import type { ServicePlan } from "../plan/plan.ts";
import { charts } from "../plan/versions.ts";
import { createChartRelease } from "./chart-release.ts";
import { LoadBalancerService } from "./load-balancer-service.ts";
import { createPodSecurityNamespace } from "./pod-security-namespace.ts";

/** Arguments of {@link Ingress}. */
export interface IngressArgs {
  readonly service: ServicePlan;
}

/** An ingress controller, the default class, answering on every planned port. */
export class Ingress extends pulumi.ComponentResource {
  static readonly type = "homelab:platform:Ingress";
  /** Namespace of the controller, for policies that let it in. */
  static readonly namespace = "traefik";
  /** What MetalLB assigned. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: IngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Ingress.type, name, { service: args.service }, opts);
    const namespace = createPodSecurityNamespace(`${name}-namespace`, Ingress.namespace, "baseline", { parent: this });
    const release = createChartRelease(
      `${name}-release`,
      {
        chart: charts.traefik,
        releaseName: "traefik",
        namespace: namespace.metadata.name,
        values: traefikValues(args.service),
      },
      { parent: this },
    );
    const service = new LoadBalancerService(
      `${name}-address`,
      {
        plan: args.service,
        namespace: namespace.metadata.name,
        selector: { "app.kubernetes.io/name": "traefik" },
        targetPort: containerPort,
      },
      // The service is awaited until pods answer.
      { parent: this, dependsOn: release },
    );
    this.address = service.address;
    this.registerOutputs({ address: this.address });
  }
}

/** Traefik listens above 1024: it is not root. Ports 80 and 443 are the chart's own entry points. */
const containerPort = (port: number): number => (port === 80 ? 8000 : port === 443 ? 8443 : 10_000 + (port % 50_000));

function traefikValues(service: ServicePlan): Record<string, unknown> {
  const further = service.ports.filter((port) => port !== 80 && port !== 443);
  return {
    deployment: { replicas: 2 },
    service: { enabled: false },
    // The address that ingress objects show as their own.
    providers: {
      kubernetesIngress: { publishedService: { pathOverride: `${Ingress.namespace}/${service.name}-address` } },
    },
    ports: Object.fromEntries(
      further.map((port) => [`tcp-${port}`, { port: containerPort(port), expose: { default: false } }]),
    ),
  };
}
