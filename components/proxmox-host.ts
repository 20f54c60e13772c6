// One Proxmox host beyond its management network, through the API of the cluster it is a member of.
import { Repository as StandardRepository } from "@muhlba91/pulumi-proxmoxve/apt/standard/repository.js";
import { DnsLegacy } from "@muhlba91/pulumi-proxmoxve/dnsLegacy.js";
import { HostsLegacy } from "@muhlba91/pulumi-proxmoxve/hostsLegacy.js";
import { Bridge, type BridgeArgs } from "@muhlba91/pulumi-proxmoxve/network/linux/bridge.js";
import { TimeLegacy } from "@muhlba91/pulumi-proxmoxve/timeLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import type { BridgePlan, HostPlan } from "../plan/plan.ts";
import { apiLinks } from "./host-links.ts";
import { renderNodeExporter } from "./host-scripts/node-exporter.ts";
import { renderPackageSources } from "./host-scripts/package-sources.ts";
import { renderTimeServers } from "./host-scripts/time-servers.ts";
import { createHostCommand, type SshAccess } from "./ssh.ts";
import { createVlan, StorageBond } from "./storage-bond.ts";

/** Arguments of {@link ProxmoxHost}. */
export interface ProxmoxHostArgs {
  readonly plan: HostPlan;
  /** All hosts of the rack: each knows the others by name without a name server. */
  readonly peers: readonly Pick<HostPlan, "name" | "fqdn" | "managementAddress">[];
  /** Domain and servers that names are looked up with. */
  readonly dns: { readonly zone: string; readonly servers: readonly string[] };
  /** e.g. `Europe/Berlin`. */
  readonly timeZone: string;
  /** Whom the host asks for the time. */
  readonly ntpServers: readonly string[];
  /** Whether Prometheus asks the host for metrics. */
  readonly isWatched: boolean;
  readonly ssh: SshAccess;
}

/** resolv.conf takes no more. */
const maxNameServers = 3;

/**
 * The host's storage bonds and further bridges, name resolution, time, package sources and metrics. Changes of its network come one after
 * the other, and nothing else starts before they are through.
 */
export class ProxmoxHost extends pulumi.ComponentResource {
  static readonly type = "homelab:proxmox:ProxmoxHost";
  /** Name of the host in the Proxmox API, known once its network is up. */
  readonly nodeName: pulumi.Output<string>;

  constructor(name: string, args: ProxmoxHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super(ProxmoxHost.type, name, { host: args.plan.name }, opts);
    const { plan, ssh } = args;
    const { bonds, bridges } = apiLinks(plan);
    const network: pulumi.Resource[] = [];
    // A bridge may stand on a bond, never the other way round.
    for (const bond of bonds) {
      const after = network.slice(-1);
      const storage = new StorageBond(
        `${name}-${bond.name}`,
        { plan: bond, host: plan, ssh },
        { parent: this, dependsOn: after },
      );
      network.push(storage);
    }
    for (const bridge of bridges) this.#createBridge(name, bridge, network);

    const settled = { parent: this, dependsOn: network.slice(-1) };
    const nodeName = plan.name;
    new DnsLegacy(
      `${name}-dns`,
      { nodeName, domain: args.dns.zone, servers: args.dns.servers.slice(0, maxNameServers) },
      settled,
    );
    new TimeLegacy(`${name}-time`, { nodeName, timeZone: args.timeZone }, settled);
    new HostsLegacy(`${name}-hosts`, { nodeName, entry: hostEntries(args.peers) }, settled);
    const run = (role: string, script: string, opts: pulumi.CustomResourceOptions = settled): pulumi.Resource =>
      createHostCommand(`${name}-${role}`, { ssh, host: plan, script }, opts);
    run("ntp", renderTimeServers({ host: nodeName, servers: args.ntpServers }));
    // Packages of Ceph have a file of their own, which pveceph writes.
    const sources = [
      run("package-sources", renderPackageSources({ host: nodeName })),
      new StandardRepository(`${name}-no-subscription`, { node: nodeName, handle: "no-subscription" }, settled),
    ];
    if (args.isWatched) {
      const script = renderNodeExporter({ host: nodeName, address: plan.managementAddress });
      run("metrics", script, { parent: this, dependsOn: sources });
    }
    this.nodeName = pulumi.output(nodeName);
    this.registerOutputs({ nodeName: this.nodeName });
  }

  #createBridge(name: string, bridge: BridgePlan, network: pulumi.Resource[]): void {
    const created = new Bridge(`${name}-${bridge.name}`, bridgeInputs(bridge), {
      parent: this,
      dependsOn: network.slice(-1),
    });
    network.push(created);
    for (const vlan of bridge.vlanInterfaces) {
      const options = { parent: this, dependsOn: network.slice(-1) };
      network.push(createVlan(`${name}-${bridge.name}-vlan${vlan.vlanId}`, bridge.host, vlan, options));
    }
  }
}

function bridgeInputs(bridge: BridgePlan): BridgeArgs {
  return {
    nodeName: bridge.host,
    name: bridge.name,
    ports: [...bridge.ports],
    vlanAware: true,
    ...(bridge.vlanIds.length === 0 ? {} : { vids: bridge.vlanIds.join(" ") }),
    mtu: bridge.mtu,
    autostart: true,
  };
}

/** The whole of /etc/hosts: the API replaces the file. */
function hostEntries(peers: ProxmoxHostArgs["peers"]): { address: string; hostnames: string[] }[] {
  return [
    { address: "127.0.0.1", hostnames: ["localhost.localdomain", "localhost"] },
    ...peers.map((peer) => ({ address: peer.managementAddress, hostnames: [peer.fqdn, peer.name] })),
    { address: "::1", hostnames: ["ip6-localhost", "ip6-loopback"] },
    { address: "ff02::1", hostnames: ["ip6-allnodes"] },
    { address: "ff02::2", hostnames: ["ip6-allrouters"] },
  ];
}
