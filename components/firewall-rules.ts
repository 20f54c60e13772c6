// The planned rules in the words of the Proxmox firewall (pve-firewall).
import type * as proxmox from "@muhlba91/pulumi-proxmoxve";
import { nodeExporterPort } from "../plan/ingress.ts";
import type { CephPlan, FirewallPlan, NodePlan, ResolvedRule, RingPlan } from "../plan/plan.ts";

/** One rule as the provider takes it. */
export type FirewallRule = proxmox.types.input.firewall.RulesLegacyRule;

type Zone = FirewallPlan["zones"][number];

/** Ceph, network configuration reference: monitors (both protocols), then OSDs, managers and metadata servers. */
const cephPorts = "3300,6789,6800:7568";
/** Proxmox VE administration guide, "Ports used by Proxmox VE". */
const corosyncPorts = "5405:5412";
const migrationPorts = "22,60000:60050";

/** Name of a zone's ipset. */
export function ipsetName(zone: string): string {
  return `zone-${zone}`;
}

/** Zones that rules for hosts name and that fit into an ipset: it holds addresses and prefixes, no ranges. */
export function zonesInRules(plan: FirewallPlan): readonly Zone[] {
  const named = new Set(plan.hostRules.flatMap((rule) => [rule.fromZone, rule.toZone]));
  return plan.zones.filter(
    (zone) => named.has(zone.name) && zone.members.length > 0 && zone.members.every((member) => !member.includes("-")),
  );
}

/** What the rules for hosts depend on beside the plan. */
export interface HostRulesContext {
  readonly zones: readonly Zone[];
  /** Whether the hosts are a cluster. */
  readonly hasLinks: boolean;
  /** Prefixes that Prometheus may ask from; none: nobody asks. */
  readonly watchers: readonly string[];
}

/**
 * What reaches every host, in order. The cluster's own traffic comes first, so that no rule of a person can cut it. Everything that is not
 * named is dropped, except for the ipset `management`, which Proxmox always lets in to administer.
 */
export function hostRules(plan: FirewallPlan, { zones, hasLinks, watchers }: HostRulesContext): FirewallRule[] {
  const own = hasLinks
    ? [
        accept("corosync", "+hosts-links", "udp", corosyncPorts),
        accept("migration", "+hosts-links", "tcp", migrationPorts),
        { ...accept("ping between hosts", "+hosts-links"), macro: "Ping" },
      ]
    : [];
  const places = new Set(zones.map((zone) => zone.name));
  const place = (zone: string, members: readonly string[]): string | undefined =>
    members.length === 0 ? undefined : places.has(zone) ? `+${ipsetName(zone)}` : members.join(",");
  return [
    ...own,
    { ...accept("ping from management", "+management"), macro: "Ping" },
    ...(watchers.length === 0
      ? []
      : [accept("metrics for Prometheus", [...watchers].sort().join(","), "tcp", String(nodeExporterPort))]),
    ...plan.hostRules.map((rule) => ({
      type: "in",
      ...ruleInputs(rule, place(rule.fromZone, rule.from), place(rule.toZone, rule.to)),
    })),
  ];
}

/** Who reaches Ceph on a host. */
export interface CephRulesContext {
  readonly nodes: readonly NodePlan[];
  /** Open to Ceph whether it uses it or not: OSDs change from one network to another one at a time. */
  readonly ring?: RingPlan;
}

/** Lets Ceph's hosts, and the nodes that use it, reach Ceph on a host; nothing on a host without Ceph. */
export function cephRules(ceph: CephPlan, host: string, { nodes, ring }: CephRulesContext): FirewallRule[] {
  if (![...ceph.monitors, ...ceph.osds].some((place) => place.host === host)) return [];
  const users = nodes.map((node) => node.managementAddress).sort();
  const prefixes = [ceph.publicPrefix, ceph.clusterPrefix, ...(ring === undefined ? [] : [ring.prefix])];
  return [
    accept("Ceph between hosts", [...new Set(prefixes)].join(","), "tcp", cephPorts),
    ...(users.length === 0 ? [] : [accept("Ceph for the nodes", users.join(","), "tcp", cephPorts)]),
  ];
}

/** What a machine may not send. */
export function machineRules(denials: readonly ResolvedRule[]): FirewallRule[] {
  const list = (members: readonly string[]): string | undefined =>
    members.length === 0 ? undefined : members.join(",");
  return denials.map((rule) => ({ type: "out", ...ruleInputs(rule, list(rule.from), list(rule.to)) }));
}

function accept(comment: string, source: string, proto?: string, dport?: string): FirewallRule {
  return {
    type: "in",
    action: "ACCEPT",
    source,
    ...(proto === undefined ? {} : { proto }),
    ...(dport === undefined ? {} : { dport }),
    comment,
  };
}

function ruleInputs(rule: ResolvedRule, source: string | undefined, dest: string | undefined): FirewallRule {
  return {
    action: rule.action === "allow" ? "ACCEPT" : "DROP",
    ...(source === undefined ? {} : { source }),
    ...(dest === undefined ? {} : { dest }),
    ...(rule.protocol === "any" ? {} : { proto: rule.protocol }),
    ...(rule.ports.length === 0 ? {} : { dport: rule.ports.join(",") }),
    ...(rule.log ? { log: "info" } : {}),
    comment: rule.name,
  };
}
