// The part of the Plan around the cluster: firewall, names, router, switches, what stands in the rack. All text, all readonly.
import type { OutOfBandPlan } from "./host-plan.ts";
import type { DiskPlan } from "./talos-plan.ts";

/** One rule with zones resolved to prefixes, ranges and addresses. */
export interface ResolvedRule {
  readonly name: string;
  readonly fromZone: string;
  readonly toZone: string;
  /** Empty: anything. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly protocol: "any" | "tcp" | "udp" | "icmp";
  readonly ports: readonly number[];
  readonly action: "allow" | "deny";
  readonly enabled: boolean;
  readonly log: boolean;
  readonly purpose?: string;
}

/** Who may talk to whom, and where each rule is enforced. */
export interface FirewallPlan {
  readonly zones: readonly { readonly name: string; readonly members: readonly string[] }[];
  /** In order: the first match wins. */
  readonly rules: readonly ResolvedRule[];
  /** Rules for the Proxmox hosts themselves, in order: those to the zone `hosts` and those to `any`. */
  readonly hostRules: readonly ResolvedRule[];
  /** Addresses that may always reach the hosts: the special ipset `management`. */
  readonly managementSources: readonly string[];
  /** Denials that Cilium enforces on the way out of a pod. */
  readonly podEgressDenials: readonly ResolvedRule[];
}

/** One name. */
export interface DnsRecordPlan {
  readonly name: string;
  readonly fqdn: string;
  readonly address: string;
  /** What answers there: `host`, `node`, `api`, `service`, `device`. */
  readonly kind: "host" | "node" | "api" | "service" | "device";
}

/** The zone and who is asked. */
export interface DnsPlan {
  readonly zone: string;
  readonly servers: readonly string[];
  readonly records: readonly DnsRecordPlan[];
}

/** A static lease: the router gives this address to this card. */
export interface LeasePlan {
  /** Node it is for. */
  readonly name: string;
  readonly vlan: string;
  readonly mac: string;
  readonly address: string;
}

/** What the router must know. */
export interface RouterPlan {
  readonly name: string;
  readonly os: "unifi" | "other";
  readonly interfaces: readonly { readonly vlan: string; readonly vlanId: number; readonly address: string }[];
  /** One per node: nobody answers ARP for a pod. */
  readonly staticRoutes: readonly { readonly name: string; readonly destination: string; readonly via: string }[];
  /** Prefixes to be masqueraded on the way to the internet. */
  readonly masquerade: readonly string[];
  /** One per node on the metal: where it answers before it has a configuration. */
  readonly leases: readonly LeasePlan[];
}

/** One port of a switch with VLAN ids. */
export interface SwitchPortPlan {
  readonly port: string;
  readonly speedMbps: number;
  readonly mtu: number;
  readonly host?: string;
  readonly nic?: string;
  readonly uplink?: string;
  /** What else is plugged in and leads no further. */
  readonly device?: string;
  readonly nativeVlanId?: number;
  readonly taggedVlanIds: readonly number[];
  readonly lag?: string;
}

/** One switch. */
export interface SwitchPlan {
  readonly name: string;
  readonly model: string;
  readonly os: "unifi" | "routeros" | "other";
  readonly address?: string;
  readonly mtu: number;
  readonly lacp: boolean;
  readonly ports: readonly SwitchPortPlan[];
}

/** What stands in the rack, as the simulated rack is furnished with it. */
export interface HardwarePlan {
  readonly hosts: readonly {
    readonly name: string;
    readonly model: string;
    readonly cpuCores: number;
    readonly memoryMiB: number;
    readonly nics: readonly { readonly name: string; readonly speedMbps: number; readonly mac: string }[];
    readonly disks: readonly DiskPlan[];
    readonly usb4Ports: readonly { readonly name: string; readonly busPath: string; readonly pciPath?: string }[];
    readonly outOfBand?: OutOfBandPlan;
  }[];
  readonly usb4Cables: readonly (readonly [
    { readonly host: string; readonly port: string },
    { readonly host: string; readonly port: string },
  ])[];
}

/** What the networks must reach; the acceptance tests measure it. */
export interface TargetsPlan {
  readonly throughput: readonly { readonly name: string; readonly vlan: string; readonly mbps: number }[];
  readonly latency: readonly { readonly name: string; readonly vlan: string; readonly ms: number }[];
}

/** One address and whose it is. */
export interface AddressEntry {
  readonly address: string;
  readonly owner: string;
  readonly vlan?: string;
  /** Where the YAML says so. */
  readonly path: string;
}

/** The first boot by PXE. */
export interface ProvisioningPlan {
  readonly vlan: string;
  /** Answers by DHCP, TFTP and HTTP. */
  readonly server: { readonly name: string; readonly address: string };
  /** e.g. `255.255.255.0`. */
  readonly mask: string;
  /** For machines that are not described: they get an address and nothing to boot. */
  readonly pool?: { readonly from: string; readonly to: string };
  readonly machines: readonly {
    readonly host: string;
    readonly nic: string;
    readonly mac: string;
    readonly address: string;
    /** Of its management controller, where that speaks IPMI. */
    readonly ipmi?: string;
  }[];
}

/** What networks must have of one link of a host at least. */
export interface ReservationPlan {
  readonly host: string;
  readonly link: string;
  readonly speedMbps: number;
  readonly vlans: readonly { readonly vlan: string; readonly mbps: number }[];
}
