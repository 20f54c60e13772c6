import assert from "node:assert/strict";
import { parse } from "yaml";
import { plannedService } from "../../components/load-balancer-service.ts";
import { Monitoring, type MonitoringArgs } from "../../components/monitoring.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const plan = homelabPlan();
const grafana = plannedService(plan.loadBalancer, "grafana");
const prometheus = plannedService(plan.loadBalancer, "prometheus");
assert.ok(grafana && prometheus);
const whole: MonitoringArgs = {
  grafana,
  prometheus,
  metrics: plan.monitoring.metrics,
  hosts: plan.hosts,
  storageClassName: "ceph-rbd",
};

interface Values {
  readonly prometheus: { readonly prometheusSpec: Record<string, unknown>; readonly additionalPodMonitors: unknown };
  readonly alertmanager: Record<string, unknown>;
  readonly grafana: Record<string, unknown>;
}
async function build(args: MonitoringArgs): Promise<{ recording: Recording; values: Values }> {
  const recording = await recordResources(() => new Monitoring("monitoring", args));
  return { recording, values: recording.named("monitoring-release").inputs["values"] as Values };
}
const addressOf = (recording: Recording, service: string): unknown => {
  const { metadata, spec } = recording.named(`monitoring-${service}-address-service`).inputs as {
    metadata: { annotations: Record<string, string> };
    spec: { ports: { port: number; targetPort: number }[] };
  };
  const ports = spec.ports.map((port) => [port.port, port.targetPort]);
  return { address: metadata.annotations["metallb.io/loadBalancerIPs"], ports };
};

describe("Monitoring", () => {
  it("puts Grafana and Prometheus on their planned addresses and ports", async () => {
    const { recording } = await build(whole);
    assert.deepEqual(addressOf(recording, "grafana"), {
      address: "10.8.31.12",
      ports: [
        [80, 3000],
        [443, 8443],
      ],
    });
    assert.deepEqual(addressOf(recording, "prometheus"), { address: "10.8.31.13", ports: [[9090, 9090]] });
  });

  it("gives only what is planned an address", async () => {
    const { recording } = await build({ prometheus, metrics: [], hosts: [] });
    assert.deepEqual(recording.namesOf("kubernetes:core/v1:Service"), ["monitoring-prometheus-address-service"]);
    assert.deepEqual(recording.namesOf("kubernetes:monitoring.coreos.com/v1:PrometheusRule"), []);
  });

  it("encrypts where port 443 is planned", async () => {
    const [proxy] = parse(String((await build(whole)).values.grafana["extraContainers"])) as { command: string[] }[];
    assert.deepEqual(proxy?.command, [
      "caddy",
      "reverse-proxy",
      "--from",
      "https://grafana.lab.local:8443",
      "--to",
      "127.0.0.1:3000",
      "--internal-certs",
      "--disable-redirects",
    ]);
    const plain = await build({ ...whole, grafana: { ...grafana, ports: [80] } });
    assert.equal("extraContainers" in plain.values.grafana, false);
  });

  it("scrapes every host under its own name, and no host where there is none", async () => {
    const { values } = await build(whole);
    assert.deepEqual(values.prometheus.prometheusSpec["additionalScrapeConfigs"], [
      {
        job_name: "hosts",
        static_configs: [
          { targets: ["10.8.16.12:9100"], labels: { instance: "pve-aimax-01" } },
          { targets: ["10.8.16.10:9100"], labels: { instance: "pve-ms01-01" } },
          { targets: ["10.8.16.11:9100"], labels: { instance: "pve-ms01-02" } },
        ],
      },
    ]);
    const metal = await build({ ...whole, hosts: [] });
    assert.deepEqual(metal.values.prometheus.prometheusSpec["additionalScrapeConfigs"], []);
  });

  it("keeps its data on the storage class when there is one", async () => {
    const { values } = await build(whole);
    const claim = (storage: string): object => ({
      volumeClaimTemplate: {
        spec: { storageClassName: "ceph-rbd", accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
      },
    });
    assert.deepEqual(values.prometheus.prometheusSpec["storageSpec"], claim("50Gi"));
    assert.deepEqual(values.alertmanager, { alertmanagerSpec: { storage: claim("1Gi") } });
    assert.deepEqual(values.grafana["persistence"], { enabled: true, storageClassName: "ceph-rbd", size: "5Gi" });
    const { storageClassName: _, ...without } = whole;
    const bare = await build(without);
    assert.equal(JSON.stringify(bare.values).includes("storageClassName"), false);
  });

  it("never leaves Grafana with the chart's public password", async () => {
    const made = await build(whole);
    assert.equal(made.values.grafana["adminPassword"], null);
    assert.equal(made.recording.named("monitoring-release").inputs["allowNullValues"], true);
    const given = await build({ ...whole, grafanaAdminPassword: "fake-password" });
    assert.deepEqual(given.values.grafana["admin"], { existingSecret: "grafana-admin" });
    assert.deepEqual(given.recording.named("monitoring-grafana-admin").inputs["stringData"], {
      secret: { "admin-user": "admin", "admin-password": "fake-password" },
    });
  });

  it("declares its rules where Prometheus looks for them, once their kind exists", async () => {
    const { recording } = await build(whole);
    const rules = recording.named("monitoring-rules");
    assert.deepEqual(rules.inputs["metadata"], {
      name: "homelab",
      namespace: "monitoring",
      labels: { release: "monitoring" },
    });
    assert.ok(rules.dependsOn.includes("monitoring-release"));
    const { groups } = rules.inputs["spec"] as { groups: { name: string }[] };
    assert.deepEqual(
      groups.map((group) => group.name),
      [
        "homelab-interface-utilization",
        "homelab-packet-loss",
        "homelab-latency",
        "homelab-bond-status",
        "homelab-vlan-traffic",
        "homelab-storage-throughput",
        "homelab-mtu",
      ],
    );
  });
});
