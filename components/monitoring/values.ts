// Helm values of kube-prometheus-stack.
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { nodeExporterPort } from "../../plan/ingress.ts";
import type { HostPlan } from "../../plan/plan.ts";
import { images } from "../../plan/versions.ts";
import { hostJob } from "./rules.ts";

/** Port of Grafana inside its pod, and of the TLS proxy beside it. */
export const grafanaPorts = { http: 3000, https: 8443 } as const;

/** What the values depend on. */
export interface MonitoringValuesInput {
  readonly hosts: readonly HostPlan[];
  /** Name that Grafana's certificate is for; absent: plain HTTP only. */
  readonly grafanaTlsName: string | undefined;
  readonly storageClassName: pulumi.Input<string> | undefined;
  /** Secret with `admin-user` and `admin-password`; absent: the chart makes up a password. */
  readonly adminSecret: pulumi.Input<string> | undefined;
}

/** Values; without a storage class nothing outlives its pod. */
export function monitoringValues(input: MonitoringValuesInput): Record<string, unknown> {
  const { storageClassName } = input;
  const off = { enabled: false };
  return {
    // Talos binds these to loopback and Cilium replaces kube-proxy: their alerts would fire for ever.
    kubeControllerManager: off,
    kubeScheduler: off,
    kubeEtcd: off,
    kubeProxy: off,
    prometheus: {
      prometheusSpec: {
        retention: "30d",
        additionalScrapeConfigs: input.hosts.length === 0 ? [] : [hostScrapeConfig(input.hosts)],
        ...(storageClassName === undefined
          ? {}
          : { retentionSize: "40GB", storageSpec: claim(storageClassName, "50Gi") }),
      },
      additionalPodMonitors: [
        {
          name: "cilium-agent",
          namespaceSelector: { matchNames: ["kube-system"] },
          selector: { matchLabels: { "k8s-app": "cilium" } },
          podMetricsEndpoints: [{ port: "prometheus" }],
        },
      ],
    },
    alertmanager:
      storageClassName === undefined ? {} : { alertmanagerSpec: { storage: claim(storageClassName, "1Gi") } },
    grafana: {
      // The chart's default password is public; null lets it make up one (in the release's Secret).
      ...(input.adminSecret === undefined ? { adminPassword: null } : { admin: { existingSecret: input.adminSecret } }),
      ...(input.grafanaTlsName === undefined
        ? {}
        : { extraContainers: stringify([tlsProxy(input.grafanaTlsName)], { lineWidth: 0 }) }),
      // A volume that one node at a time may hold: the old pod must go before the new one comes.
      ...(storageClassName === undefined
        ? {}
        : { persistence: { enabled: true, storageClassName, size: "5Gi" }, deploymentStrategy: { type: "Recreate" } }),
    },
  };
}

function claim(storageClassName: pulumi.Input<string>, storage: string): object {
  const spec = { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } };
  return { volumeClaimTemplate: { spec } };
}

/** The hosts' own node-exporters, under the hosts' names. */
function hostScrapeConfig(hosts: readonly HostPlan[]): object {
  return {
    job_name: hostJob,
    static_configs: hosts.map((host) => ({
      targets: [`${host.managementAddress}:${nodeExporterPort}`],
      labels: { instance: host.name },
    })),
  };
}

/** Grafana speaks one protocol on one port; a proxy in its pod adds TLS with a certificate of its own making. */
function tlsProxy(name: string): object {
  const { http, https } = grafanaPorts;
  const args = [
    "--from",
    `https://${name}:${https}`,
    "--to",
    `127.0.0.1:${http}`,
    "--internal-certs",
    "--disable-redirects",
  ];
  return {
    name: "tls",
    image: images.caddy,
    command: ["caddy", "reverse-proxy", ...args],
    env: ["XDG_CONFIG_HOME", "XDG_DATA_HOME"].map((variable) => ({ name: variable, value: "/tmp" })),
    ports: [{ name: "https", containerPort: https }],
  };
}
