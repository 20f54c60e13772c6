// The Kubernetes dashboard on its planned address.
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js";
import * as pulumi from "@pulumi/pulumi";
import type { ServicePlan } from "../plan/plan.ts";
import { charts } from "../plan/versions.ts";
import { createChartRelease } from "./chart-release.ts";
import { LoadBalancerService } from "./load-balancer-service.ts";
import { createPodSecurityNamespace } from "./pod-security-namespace.ts";

/** Kong, the chart's gateway, speaks TLS here and nothing else by default. */
const gatewayPort = 8443;

/** Arguments of {@link Dashboard}. */
export interface DashboardArgs {
  readonly service: ServicePlan;
}

/**
 * The dashboard, and an account that may look but not touch: `kubectl -n kubernetes-dashboard create token dashboard-viewer` logs in.
 */
export class Dashboard extends pulumi.ComponentResource {
  static readonly type = "homelab:platform:Dashboard";
  /** What MetalLB assigned. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Dashboard.type, name, { service: args.service }, opts);
    const namespace = createPodSecurityNamespace(`${name}-namespace`, "kubernetes-dashboard", "baseline", {
      parent: this,
    });
    const viewer = new ServiceAccount(
      `${name}-viewer`,
      { metadata: { name: "dashboard-viewer", namespace: namespace.metadata.name } },
      { parent: this },
    );
    new ClusterRoleBinding(
      `${name}-viewer-binding`,
      {
        metadata: { name: "dashboard-viewer" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
        subjects: [{ kind: "ServiceAccount", name: viewer.metadata.name, namespace: namespace.metadata.name }],
      },
      { parent: this },
    );
    const release = createChartRelease(
      `${name}-release`,
      {
        chart: charts.dashboard,
        releaseName: "kubernetes-dashboard",
        namespace: namespace.metadata.name,
        // Its scraper needs the metrics server, which is not here; Grafana shows the same and more.
        values: { metricsScraper: { enabled: false } },
      },
      { parent: this },
    );
    const service = new LoadBalancerService(
      `${name}-address`,
      {
        plan: args.service,
        namespace: namespace.metadata.name,
        selector: { "app.kubernetes.io/name": "kong" },
        targetPort: () => gatewayPort,
      },
      // The service is awaited until pods answer.
      { parent: this, dependsOn: release },
    );
    this.address = service.address;
    this.registerOutputs({ address: this.address });
  }
}
