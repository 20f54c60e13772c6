// Prometheus and Grafana on their planned addresses, watching what the plan names.
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import type { HostPlan, Metric, ServicePlan } from "../plan/plan.ts";
import { charts } from "../plan/versions.ts";
import { createChartRelease } from "./chart-release.ts";
import { LoadBalancerService } from "./load-balancer-service.ts";
import { ruleGroups } from "./monitoring/rules.ts";
import { grafanaPorts, monitoringValues } from "./monitoring/values.ts";
import { createPodSecurityNamespace } from "./pod-security-namespace.ts";

const releaseName = "monitoring";

/** Arguments of {@link Monitoring}. */
export interface MonitoringArgs {
  /** @default - Grafana inside the cluster only */
  readonly grafana?: ServicePlan;
  /** @default - Prometheus inside the cluster only */
  readonly prometheus?: ServicePlan;
  readonly metrics: readonly Metric[];
  /** Hosts with a node-exporter of their own; none where the hosts are the nodes. */
  readonly hosts: readonly HostPlan[];
  /** @default - data is gone with the pod */
  readonly storageClassName?: pulumi.Input<string>;
  /** Secret. @default - the chart makes one up: `kubectl -n monitoring get secret monitoring-grafana` */
  readonly grafanaAdminPassword?: pulumi.Input<string>;
}

/** kube-prometheus-stack with rules and alerts for the planned metrics. */
export class Monitoring extends pulumi.ComponentResource {
  static readonly type = "homelab:platform:Monitoring";
  /** Namespace of Prometheus, for policies that let it in. */
  static readonly namespace = "monitoring";
  /** Assigned addresses by service; only what is planned. */
  readonly addresses: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    const { grafana, prometheus, metrics } = args;
    super(Monitoring.type, name, { grafana, prometheus, metrics }, opts);
    // The node-exporter shares its host's network, processes and file systems.
    const namespace = createPodSecurityNamespace(`${name}-namespace`, Monitoring.namespace, "privileged", {
      parent: this,
    });
    const release = createChartRelease(
      `${name}-release`,
      {
        chart: charts.monitoring,
        releaseName,
        namespace: namespace.metadata.name,
        values: monitoringValues({
          hosts: args.hosts,
          grafanaTlsName: grafana?.ports.includes(443) ? grafana.fqdn : undefined,
          storageClassName: args.storageClassName,
          adminSecret: this.#adminSecret(name, args.grafanaAdminPassword, namespace),
        }),
      },
      { parent: this },
    );
    const groups = ruleGroups(metrics, args.hosts);
    if (groups.length > 0) {
      new CustomResource(
        `${name}-rules`,
        {
          apiVersion: "monitoring.coreos.com/v1",
          kind: "PrometheusRule",
          // Prometheus takes up only rules that carry its release's label.
          metadata: { name: "homelab", namespace: namespace.metadata.name, labels: { release: releaseName } },
          spec: { groups },
        },
        // The kind comes with the chart.
        { parent: this, dependsOn: release },
      );
    }
    const address = (app: string, plan: ServicePlan, targetPort: (port: number) => number): pulumi.Output<string> =>
      new LoadBalancerService(
        `${name}-${app}-address`,
        { plan, namespace: namespace.metadata.name, selector: { "app.kubernetes.io/name": app }, targetPort },
        // The service is awaited until pods answer.
        { parent: this, dependsOn: release },
      ).address;
    const grafanaPort = (port: number): number => (port === 443 ? grafanaPorts.https : grafanaPorts.http);
    this.addresses = {
      ...(grafana === undefined ? {} : { grafana: address("grafana", grafana, grafanaPort) }),
      ...(prometheus === undefined ? {} : { prometheus: address("prometheus", prometheus, () => 9090) }),
    };
    this.registerOutputs({ addresses: this.addresses });
  }

  #adminSecret(
    name: string,
    password: pulumi.Input<string> | undefined,
    namespace: Namespace,
  ): pulumi.Output<string> | undefined {
    if (password === undefined) return undefined;
    return new Secret(
      `${name}-grafana-admin`,
      {
        metadata: { name: "grafana-admin", namespace: namespace.metadata.name },
        stringData: { "admin-user": "admin", "admin-password": pulumi.secret(password) },
      },
      { parent: this },
    ).metadata.name;
  }
}
