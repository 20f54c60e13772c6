// Chart traefik: the ingress controller, its service and its class.
import { charts } from "../../../../plan/versions.ts";
import {
  type ChartModel,
  chartLabels,
  definitions,
  isOn,
  numberAt,
  service,
  serviceSpec,
  valueAt,
  words,
  workload,
} from "./chart.ts";

const KEYS =
  words(`additionalArguments additionalVolumeMounts affinity api autoscaling certificatesResolvers commonLabels core deployment env envFrom experimental
  extraObjects fullnameOverride gateway gatewayClass global globalArguments hostNetwork hub image ingressClass ingressRoute instanceLabelOverride
  livenessProbe logs metrics namespaceOverride nodeSelector oci_meta ocsp persistence podDisruptionBudget podSecurityContext podSecurityPolicy ports
  priorityClassName providers rbac readinessProbe resources securityContext service serviceAccount serviceAccountAnnotations startupProbe tlsOptions tlsStore
  tolerations topologySpreadConstraints tracing updateStrategy versionOverride volumes`);
const DEFINITIONS =
  "IngressRoute IngressRouteTCP IngressRouteUDP Middleware MiddlewareTCP ServersTransport ServersTransportTCP TLSOption TLSStore TraefikService";

export const traefik: ChartModel = {
  name: charts.traefik.chart,
  version: charts.traefik.version,
  repository: charts.traefik.repository,
  appVersion: "v3.5.1",
  keys: KEYS,
  definitions: () => definitions("traefik.io", "v1alpha1", DEFINITIONS),
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
