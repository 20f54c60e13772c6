// The firewall of the Proxmox hosts and of the machines on them. What one network may ask of another is the router's business; here is what
// reaches a host, and what a machine may not send even where no router is in between.
import { FirewallLegacy as ClusterFirewallLegacy } from "@muhlba91/pulumi-proxmoxve/cluster/firewallLegacy.js";
import { IpsetLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/ipsetLegacy.js";
import { OptionsLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/optionsLegacy.js";
import { RulesLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/rulesLegacy.js";
import { Firewall as NodeFirewall } from "@muhlba91/pulumi-proxmoxve/node/firewall.js";
import * as pulumi from "@pulumi/pulumi";
import type {
  CephPlan,
  FirewallPlan,
  HostPlan,
  NodePlan,
  ProxmoxClusterPlan,
  ResolvedRule,
  RingPlan,
} from "../plan/plan.ts";
import { cephRules, hostRules, ipsetName, machineRules, zonesInRules } from "./firewall-rules.ts";
import { renderFirewallOff } from "./host-scripts/firewall-off.ts";
import { createHostCommand, type SshAccess } from "./ssh.ts";

/** Arguments of {@link FirewallZones}. */
export interface FirewallZonesArgs {
  readonly plan: FirewallPlan;
  readonly hosts: readonly HostPlan[];
  readonly nodes: readonly NodePlan[];
  readonly ssh: SshAccess;
  /** Whose traffic between the hosts must go on. @default - no cluster */
  readonly cluster?: ProxmoxClusterPlan;
  /** Whose traffic between hosts, and from nodes, must go on. @default - no Ceph */
  readonly ceph?: CephPlan;
  /** On which hosts reach each other, too. @default - no ring */
  readonly ring?: RingPlan;
  /** Whether Prometheus, a pod, asks the hosts for metrics. */
  readonly isWatched: boolean;
}

/**
 * Hosts that answer only those who may ask, and machines that cannot send what the rules deny. The firewall is switched on last, when
 * everything that must stay open is open: the other way round it would shut out the one who sets it up.
 */
export class FirewallZones extends pulumi.ComponentResource {
  static readonly type = "homelab:network:FirewallZones";
  /** Known once the firewall is on. */
  readonly isEnabled: pulumi.Output<boolean>;

  constructor(name: string, args: FirewallZonesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(FirewallZones.type, name, { hosts: args.hosts.map((host) => host.name) }, opts);
    const { plan, hosts } = args;
    const management = this.#createIpset(`${name}-management`, "management", plan.managementSources);
    const between = [
      ...(args.cluster?.members ?? []).flatMap((member) => member.links),
      ...(args.ring?.members ?? []).map((member) => member.address),
    ];
    const zones = zonesInRules(plan);
    const ipsets = [
      management,
      ...(between.length === 0 ? [] : [this.#createIpset(`${name}-hosts-links`, "hosts-links", between)]),
      ...zones.map((zone) => this.#createIpset(`${name}-zone-${zone.name}`, ipsetName(zone.name), zone.members)),
    ];
    // Rules name sets, and a rule that names a missing one is refused.
    const after = { parent: this, dependsOn: ipsets };
    const watchers = args.isWatched ? args.nodes.map((node) => node.podPrefix) : [];
    const rules = hostRules(plan, { zones, hasLinks: between.length > 0, watchers });
    const guards: pulumi.Resource[] = [new RulesLegacy(`${name}-hosts`, { rules }, after)];
    for (const host of hosts) guards.push(...this.#guardHost(name, host, args, after));
    for (const node of args.nodes) {
      if (node.vm !== undefined)
        guards.push(...this.#guardMachine(name, node.vm.host, node.vm.id, node.name, plan.podEgressDenials, after));
    }
    const enabled = new ClusterFirewallLegacy(
      `${name}-cluster`,
      { enabled: true, inputPolicy: "DROP", outputPolicy: "ACCEPT", forwardPolicy: "ACCEPT" },
      { parent: this, dependsOn: [...ipsets, ...guards] },
    );
    // Deleting the resource leaves the firewall on (the provider only forgets it), and what lets people in would be deleted next.
    const [entry] = hosts;
    if (entry !== undefined)
      createHostCommand(
        `${name}-off`,
        { ssh: args.ssh, host: entry, ...renderFirewallOff(entry.name) },
        { parent: this, dependsOn: enabled },
      );
    this.isEnabled = enabled.enabled.apply((isEnabled) => isEnabled ?? false);
    this.registerOutputs({ isEnabled: this.isEnabled });
  }

  #createIpset(name: string, ipset: string, members: readonly string[]): IpsetLegacy {
    const cidrs = [...new Set(members)].sort().map((member) => ({ name: member }));
    // A changed set is made anew under its own name, which is taken until the former one is gone.
    return new IpsetLegacy(name, { name: ipset, cidrs }, { parent: this, deleteBeforeReplace: true });
  }

  #guardHost(
    name: string,
    host: HostPlan,
    args: FirewallZonesArgs,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource[] {
    const rules = args.ceph === undefined ? [] : cephRules(args.ceph, host.name, args);
    return [
      ...(rules.length === 0
        ? []
        : [new RulesLegacy(`${name}-${host.name}-rules`, { nodeName: host.name, rules }, opts)]),
      new NodeFirewall(`${name}-${host.name}`, { nodeName: host.name, enabled: true }, opts),
    ];
  }

  #guardMachine(
    name: string,
    nodeName: string,
    vmId: number,
    node: string,
    denials: readonly ResolvedRule[],
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource[] {
    const rules = machineRules(denials);
    const written =
      rules.length === 0 ? [] : [new RulesLegacy(`${name}-${node}-rules`, { nodeName, vmId, rules }, opts)];
    const options = new OptionsLegacy(
      `${name}-${node}`,
      {
        nodeName,
        vmId,
        enabled: true,
        inputPolicy: "ACCEPT",
        outputPolicy: "ACCEPT",
        macfilter: true,
        // Pods and load-balancer addresses leave by the machine's own MAC, but not by its own address.
        ipfilter: false,
        dhcp: false,
      },
      { ...opts, dependsOn: written },
    );
    return [...written, options];
  }
}
