// Chart ceph-csi-rbd: the driver that makes volumes in a Ceph cluster outside, and mounts them.
import { charts } from "../../../../plan/versions.ts";
import type { KubeObject } from "../objects.ts";
import {
  type ChartModel,
  isOn,
  numberAt,
  type ReleaseInfo,
  textAt,
  type Values,
  valueAt,
  words,
  workload,
} from "./chart.ts";

const KEYS =
  words(`CSIDriver cephConf cephConfConfigMapName cephconf commonLabels configMapKey configMapName csiConfig csiMapping driverName encryptionKMSConfig
  externallyManagedConfigmap extraDeploy fullnameOverride imagePullSecrets instanceID kmsConfigMapName kubeletDir logLevel nameOverride nodeplugin operatorConfigMapName
  pluginDir provisioner provisionerSocketFile rbac readAffinity secret secrets selinuxMount serviceAccounts sidecarLogLevel storageClass topology logSlowOperationInterval
  domainLabels pluginSocketFile socketDir clusterRole`);

function objects(release: ReleaseInfo, values: Values): KubeObject[] {
  const driver = textAt(values, "driverName", "rbd.csi.ceph.com");
  const apart = {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname" }] },
  };
  const labels = (component: string) => ({ app: "ceph-csi-rbd", release: release.name, component });
  const metrics = (part: string, standard: number) => [
    { name: "http-metrics", containerPort: numberAt(values, `${part}.httpMetrics.containerPort`, standard) },
  ];
  const configMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: textAt(values, "configMapName", "ceph-csi-config"), namespace: release.namespace },
    data: { "config.json": JSON.stringify(valueAt(values, "csiConfig") ?? []) },
  };
  return [
    configMap,
    { apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata: { name: driver }, spec: { attachRequired: true } },
    workload(release, {
      kind: "DaemonSet",
      name: `${release.name}-nodeplugin`,
      labels: labels("nodeplugin"),
      pod: {
        hostNetwork: true,
        hostPID: true,
        volumes: [{ name: "host-dev", hostPath: { path: "/dev" } }],
        tolerations: [],
      },
      container: {
        name: "csi-rbdplugin",
        securityContext: { privileged: true, capabilities: { add: ["SYS_ADMIN"] } },
        ports: metrics("nodeplugin", 8080),
      },
    }),
    workload(release, {
      kind: "Deployment",
      name: `${release.name}-provisioner`,
      labels: labels("provisioner"),
      replicas: numberAt(values, "provisioner.replicaCount", 3),
      annotations: { "rack.invalid/csi-provisioner": driver },
      pod: { affinity: apart, ...(isOn(values, "provisioner.enableHostNetwork", false) ? { hostNetwork: true } : {}) },
      container: { name: "csi-provisioner", ports: metrics("provisioner", 8080) },
    }),
  ];
}

export const cephCsiRbd: ChartModel = {
  name: charts.cephCsi.chart,
  version: charts.cephCsi.version,
  repository: charts.cephCsi.repository,
  appVersion: `v${charts.cephCsi.version}`,
  keys: KEYS,
  objects,
};
