// Charts of the platform: the ingress controller, the dashboard, and monitoring.
import { charts } from "../../../../plan/versions.ts";
import type { JsonObject, KubeObject } from "../objects.ts";
import {
  type ChartModel,
  chartLabels,
  definitions,
  isOn,
  numberAt,
  type ReleaseInfo,
  service,
  textAt,
  type Values,
  valueAt,
  words,
  workload,
} from "./chart.ts";

const TRAEFIK_KEYS =
  words(`additionalArguments additionalVolumeMounts affinity api autoscaling certificatesResolvers commonLabels core deployment env envFrom experimental
  extraObjects fullnameOverride gateway gatewayClass global globalArguments hostNetwork hub image ingressClass ingressRoute instanceLabelOverride
  livenessProbe logs metrics namespaceOverride nodeSelector oci_meta ocsp persistence podDisruptionBudget podSecurityContext podSecurityPolicy ports
  priorityClassName providers rbac readinessProbe resources securityContext service serviceAccount serviceAccountAnnotations startupProbe tlsOptions tlsStore
  tolerations topologySpreadConstraints tracing updateStrategy versionOverride volumes`);

function serviceSpec(values: Values, path: string): { spec: JsonObject; annotations: Record<string, string> } {
  const address = valueAt(values, `${path}.spec.loadBalancerIP`) ?? valueAt(values, `${path}.loadBalancerIP`);
  const spec = {
    type: textAt(values, `${path}.type`, "ClusterIP"),
    ...(typeof address === "string" ? { loadBalancerIP: address } : {}),
  };
  return { spec, annotations: (valueAt(values, `${path}.annotations`) ?? {}) as Record<string, string> };
}

const TRAEFIK_CRDS =
  "IngressRoute IngressRouteTCP IngressRouteUDP Middleware MiddlewareTCP ServersTransport ServersTransportTCP TLSOption TLSStore TraefikService";

export const traefik: ChartModel = {
  name: charts.traefik.chart,
  version: charts.traefik.version,
  repository: charts.traefik.repository,
  appVersion: "v3.5.1",
  keys: TRAEFIK_KEYS,
  definitions: () => definitions("traefik.io", "v1alpha1", TRAEFIK_CRDS),
  objects(release, values) {
    const labels = chartLabels("traefik", release);
    const ports = [
      { name: "web", containerPort: 8000 },
      { name: "websecure", containerPort: 8443 },
    ];
    const list = [
      workload(release, {
        kind: "Deployment",
        name: release.name,
        labels,
        replicas: numberAt(values, "deployment.replicas", 1),
        container: { name: "traefik", ports },
      }),
    ];
    const { spec, annotations } = serviceSpec(
      { service: { type: "LoadBalancer", ...(valueAt(values, "service") as object | undefined) } },
      "service",
    );
    if (isOn(values, "service.enabled", true))
      list.push(service(release, release.name, labels, [80, 443], { spec, annotations }));
    if (isOn(values, "ingressClass.enabled", true)) {
      list.push({
        apiVersion: "networking.k8s.io/v1",
        kind: "IngressClass",
        metadata: { name: release.name },
        spec: { controller: "traefik.io/ingress-controller" },
      });
    }
    return list;
  },
};

const DASHBOARD_KEYS = words("api app auth cert-manager extras kong metrics-server metricsScraper nginx web");

export const dashboard: ChartModel = {
  name: charts.dashboard.chart,
  version: charts.dashboard.version,
  repository: charts.dashboard.repository,
  appVersion: charts.dashboard.version,
  keys: DASHBOARD_KEYS,
  objects(release, values) {
    const part = (name: string) => {
      const labels = chartLabels(`${release.name}-${name}`, release, name);
      return workload(release, { kind: "Deployment", name: `${release.name}-${name}`, labels });
    };
    const kong = chartLabels("kong", release);
    const { spec, annotations } = serviceSpec(values, "kong.proxy");
    return [
      ...["api", "auth", "web"].map(part),
      ...(isOn(values, "metricsScraper.enabled", true) ? [part("metrics-scraper")] : []),
      workload(release, {
        kind: "Deployment",
        name: `${release.name}-kong`,
        labels: kong,
        container: { name: "proxy", ports: [{ name: "proxy-tls", containerPort: 8443 }] },
      }),
      service(release, `${release.name}-kong-proxy`, kong, [443], { spec, annotations }),
    ];
  },
};

const MONITORING_KEYS =
  words(`additionalPrometheusRules additionalPrometheusRulesMap alertmanager cleanPrometheusOperatorObjectNames commonLabels coreDns crds customRules
  defaultRules extraManifests fullnameOverride global grafana kube-state-metrics kubeApiServer kubeControllerManager kubeDns kubeEtcd kubeProxy kubeScheduler
  kubeStateMetrics kubeTargetVersionOverride kubeVersionOverride kubelet kubernetesServiceMonitors nameOverride namespaceOverride nodeExporter prometheus
  prometheus-node-exporter prometheus-windows-exporter prometheusOperator thanosRuler windowsMonitoring`);
const MONITORING_CRDS =
  "Alertmanager AlertmanagerConfig PodMonitor Probe Prometheus PrometheusAgent PrometheusRule ScrapeConfig ServiceMonitor ThanosRuler";

/** The operator makes a StatefulSet with one claim from a storage section of the values. */
function stateful(
  release: ReleaseInfo,
  name: string,
  labels: Record<string, string>,
  values: Values,
  storagePath: string,
): KubeObject {
  const template = valueAt(values, `${storagePath}.volumeClaimTemplate`) as { spec: JsonObject } | undefined;
  const claims =
    template === undefined ? {} : { volumeClaimTemplates: [{ metadata: { name: `${name}-db` }, spec: template.spec }] };
  return workload(release, { kind: "StatefulSet", name, labels, spec: claims });
}

function grafana(release: ReleaseInfo, values: Values): KubeObject[] {
  const labels = chartLabels("grafana", release);
  const name = `${release.name}-grafana`;
  const list: KubeObject[] = [];
  const isKept = isOn(values, "grafana.persistence.enabled", false);
  if (isKept) {
    const storageClassName = valueAt(values, "grafana.persistence.storageClassName");
    list.push({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace: release.namespace },
      spec: {
        ...(typeof storageClassName === "string" ? { storageClassName } : {}),
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: textAt(values, "grafana.persistence.size", "10Gi") } },
      },
    });
  }
  const existing = valueAt(values, "grafana.admin.existingSecret");
  const volumes = [
    ...(isKept ? [{ name: "storage", persistentVolumeClaim: { claimName: name } }] : []),
    ...(typeof existing === "string" && existing !== "" ? [{ name: "admin", secret: { secretName: existing } }] : []),
  ];
  const { spec, annotations } = serviceSpec(values, "grafana.service");
  return [
    ...list,
    workload(release, {
      kind: "Deployment",
      name,
      labels,
      pod: { volumes },
      container: { name: "grafana", ports: [{ name: "grafana", containerPort: 3000 }] },
    }),
    service(release, name, labels, [80], { spec, annotations }),
  ];
}

export const monitoring: ChartModel = {
  name: charts.monitoring.chart,
  version: charts.monitoring.version,
  repository: charts.monitoring.repository,
  appVersion: "v0.85.0",
  keys: MONITORING_KEYS,
  definitions: () => definitions("monitoring.coreos.com", "v1", MONITORING_CRDS),
  objects(release, values) {
    const prefix = `${release.name}-kube-prometheus`;
    const prometheus = {
      "app.kubernetes.io/name": "prometheus",
      "operator.prometheus.io/name": `${prefix}-prometheus`,
    };
    const list: KubeObject[] = [
      workload(release, {
        kind: "Deployment",
        name: `${prefix}-operator`,
        labels: chartLabels("kube-prometheus-stack-operator", release),
      }),
      workload(release, {
        kind: "Deployment",
        name: `${release.name}-kube-state-metrics`,
        labels: chartLabels("kube-state-metrics", release),
      }),
    ];
    if (isOn(values, "nodeExporter.enabled", true)) {
      const pod = {
        hostNetwork: true,
        hostPID: true,
        volumes: [{ name: "proc", hostPath: { path: "/proc" } }],
        tolerations: [{ operator: "Exists" }],
      };
      list.push(
        workload(release, {
          kind: "DaemonSet",
          name: `${release.name}-prometheus-node-exporter`,
          labels: chartLabels("prometheus-node-exporter", release),
          pod,
          container: { ports: [{ containerPort: 9100 }] },
        }),
      );
    }
    if (isOn(values, "prometheus.enabled", true)) {
      const { spec, annotations } = serviceSpec(values, "prometheus.service");
      list.push(
        stateful(
          release,
          `prometheus-${prefix}-prometheus`,
          prometheus,
          values,
          "prometheus.prometheusSpec.storageSpec",
        ),
      );
      list.push(service(release, `${prefix}-prometheus`, prometheus, [9090], { spec, annotations }));
    }
    if (isOn(values, "alertmanager.enabled", true)) {
      const labels = { "app.kubernetes.io/name": "alertmanager", "app.kubernetes.io/instance": release.name };
      list.push(
        stateful(
          release,
          `alertmanager-${prefix}-alertmanager`,
          labels,
          values,
          "alertmanager.alertmanagerSpec.storage",
        ),
      );
    }
    if (isOn(values, "grafana.enabled", true)) list.push(...grafana(release, values));
    return list;
  },
};
