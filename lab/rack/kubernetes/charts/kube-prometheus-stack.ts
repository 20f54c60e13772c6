// Chart kube-prometheus-stack: the operator, Prometheus and Alertmanager with their volumes, Grafana, and exporters.
import { charts } from "../../../../plan/versions.ts";
import type { JsonObject, KubeObject } from "../objects.ts";
import {
  type ChartModel,
  chartLabels,
  definitions,
  isOn,
  type ReleaseInfo,
  service,
  serviceSpec,
  textAt,
  type Values,
  valueAt,
  words,
  workload,
} from "./chart.ts";

const KEYS =
  words(`additionalPrometheusRules additionalPrometheusRulesMap alertmanager cleanPrometheusOperatorObjectNames commonLabels coreDns crds customRules
  defaultRules extraManifests fullnameOverride global grafana kube-state-metrics kubeApiServer kubeControllerManager kubeDns kubeEtcd kubeProxy kubeScheduler
  kubeStateMetrics kubeTargetVersionOverride kubeVersionOverride kubelet kubernetesServiceMonitors nameOverride namespaceOverride nodeExporter prometheus
  prometheus-node-exporter prometheus-windows-exporter prometheusOperator thanosRuler windowsMonitoring`);
const DEFINITIONS =
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
  keys: KEYS,
  definitions: () => definitions("monitoring.coreos.com", "v1", DEFINITIONS),
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
