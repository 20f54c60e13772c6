// The metrics of the plan as Prometheus rules over node-exporter (hosts and nodes) and Cilium (latency between nodes).
import type { HostPlan, Metric } from "../../plan/plan.ts";

/** A recording or alerting rule (monitoring.coreos.com/v1). */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Rules evaluated together. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** Scrape job of the hosts' node-exporters; the chart calls that of the nodes `node-exporter`. */
export const hostJob = "hosts";

const machines = `job=~"node-exporter|${hostJob}"`;
/** Without loopback and what comes and goes with pods and virtual machines. */
const links = `${machines},device!~"lo|lxc.*|cilium.*|veth.*|tap.*|fw(br|ln|pr).*"`;
const rate = (metric: string, selector: string): string => `rate(${metric}{${selector}}[5m])`;

const groups: Readonly<Record<Metric, readonly Rule[]>> = {
  "interface-utilization": [
    ...(["receive", "transmit"] as const).map((way) => ({
      record: `instance_device:node_network_${way}_utilization:ratio5m`,
      // A virtio NIC does not know its speed and reports -1.
      expr: `${rate(`node_network_${way}_bytes_total`, links)} / (node_network_speed_bytes{${links}} > 0)`,
    })),
    warning(
      "InterfaceNearlyFull",
      `{__name__=~"instance_device:node_network_(receive|transmit)_utilization:ratio5m"} > 0.9`,
      "15m",
      "{{ $labels.device }} of {{ $labels.instance }} has carried more than 90 % of its speed for 15 minutes",
    ),
  ],
  "packet-loss": [
    {
      record: "instance_device:node_network_loss:ratio5m",
      expr: `(${["receive_errs", "receive_drop", "transmit_errs", "transmit_drop"]
        .map((what) => rate(`node_network_${what}_total`, links))
        .join(
          " + ",
        )}) / clamp_min(${rate("node_network_receive_packets_total", links)} + ${rate("node_network_transmit_packets_total", links)}, 1)`,
    },
    warning(
      "PacketLoss",
      "instance_device:node_network_loss:ratio5m > 0.001",
      "10m",
      "{{ $labels.device }} of {{ $labels.instance }} loses {{ $value | humanizePercentage }} of its packets: look at cable, MTU and switch port",
    ),
  ],
  latency: [
    {
      record: "node:cilium_node_health_latency_seconds:p99_10m",
      expr: "histogram_quantile(0.99, sum by (le, source_node_name, type, protocol) (rate(cilium_node_health_connectivity_latency_seconds_bucket[10m])))",
    },
    warning(
      "NodeLatencyHigh",
      `node:cilium_node_health_latency_seconds:p99_10m{type="node"} > 0.01`,
      "10m",
      "{{ $labels.source_node_name }} needs {{ $value | humanizeDuration }} to the other nodes ({{ $labels.protocol }})",
    ),
  ],
  "bond-status": [
    {
      record: "instance_master:node_bonding_down:count",
      expr: `node_bonding_slaves{${machines}} - node_bonding_active{${machines}}`,
    },
    {
      alert: "BondMemberDown",
      expr: "instance_master:node_bonding_down:count > 0",
      for: "1m",
      labels: { severity: "critical" },
      annotations: {
        summary:
          "{{ $value }} member of {{ $labels.master }} on {{ $labels.instance }} is down: one more and the network is gone",
      },
    },
  ],
  "vlan-traffic": (["receive", "transmit"] as const).map((way) => ({
    record: `instance_vlan:node_network_${way}_bytes:rate5m`,
    expr: `sum by (instance, vlan) (label_replace(${rate(`node_network_${way}_bytes_total`, `${machines},device=~".+[.][0-9]+"`)}, "vlan", "$1", "device", ".+[.]([0-9]+)"))`,
  })),
  "storage-throughput": [
    ...(["read", "written"] as const).map((way) => ({
      record: `instance:node_disk_${way}_bytes:rate5m`,
      expr: `sum by (instance) (${rate(`node_disk_${way}_bytes_total`, `${machines},device=~"(nvme|sd|rbd|drbd).+"`)})`,
    })),
    warning(
      "DiskSaturated",
      `${rate("node_disk_io_time_seconds_total", `${machines},device=~"(nvme|sd).+"`)} > 0.95`,
      "15m",
      "{{ $labels.device }} of {{ $labels.instance }} has been busy all the time for 15 minutes",
    ),
  ],
};

function warning(alert: string, expr: string, duration: string, summary: string): Rule {
  return { alert, expr, for: duration, labels: { severity: "warning" }, annotations: { summary } };
}

/** Rules for the named metrics and, where there are hosts, for the MTU that the plan gives each of their links. */
export function ruleGroups(metrics: readonly Metric[], hosts: readonly HostPlan[]): readonly RuleGroup[] {
  const named = metrics.map((metric): RuleGroup => ({ name: `homelab-${metric}`, rules: groups[metric] }));
  return hosts.length === 0 ? named : [...named, { name: "homelab-mtu", rules: [mtuRule(hosts)] }];
}

/** One link with a smaller MTU than its neighbours does not fail, it stalls large transfers: worth an alert of its own. */
function mtuRule(hosts: readonly HostPlan[]): Rule {
  const expr = hosts.flatMap((host) =>
    [...host.bonds, ...host.bridges]
      .flatMap((link) => [link, ...link.vlanInterfaces])
      .map(
        (link) =>
          `node_network_mtu_bytes{job="${hostJob}",instance="${host.name}",device="${link.name}"} != ${link.mtu}`,
      ),
  );
  return {
    alert: "LinkMtuChanged",
    expr: expr.join(" or "),
    for: "5m",
    labels: { severity: "critical" },
    annotations: {
      summary: "{{ $labels.device }} of {{ $labels.instance }} has MTU {{ $value }}, which is not the planned one",
    },
  };
}
