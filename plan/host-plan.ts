// The part of the Plan about hosts: their links, addresses and disks. All text, all readonly.
import type { DiskPlan } from "./talos-plan.ts";

/** A tagged interface on a bond or bridge of a host, with the host's own address, e.g. `bond0.48`. */
export interface VlanInterfacePlan {
  readonly name: string;
  readonly parent: string;
  readonly vlanId: number;
  readonly mtu: number;
  /** With prefix length, e.g. `10.8.48.10/24`. */
  readonly address: string;
  /** Only on the interface that carries the host's default route. */
  readonly gateway?: string;
}

/** A bond of one host, and the VLAN interfaces on it. */
export interface BondPlan {
  readonly host: string;
  readonly name: string;
  /** Sorted: the Proxmox API sorts them, another order would be a difference for ever. */
  readonly members: readonly string[];
  readonly mode: "802.3ad" | "active-backup";
  readonly xmitHashPolicy: "layer2" | "layer2+3" | "layer3+4";
  readonly lacpRate: "slow" | "fast";
  readonly mtu: number;
  readonly vlanInterfaces: readonly VlanInterfacePlan[];
}

/** A VLAN-aware bridge of one host. */
export interface BridgePlan {
  readonly host: string;
  readonly name: string;
  readonly ports: readonly string[];
  /** Sorted VLAN ids. */
  readonly vlanIds: readonly number[];
  readonly mtu: number;
  /** True for the bridge under the management address: the path the program itself comes by. */
  readonly carriesManagement: boolean;
  readonly vlanInterfaces: readonly VlanInterfacePlan[];
}

/** One physical host. */
export interface HostPlan {
  readonly name: string;
  readonly fqdn: string;
  readonly model: string;
  /** Absent: not said. */
  readonly rack?: string;
  readonly managementAddress: string;
  readonly bonds: readonly BondPlan[];
  readonly bridges: readonly BridgePlan[];
  /** VLAN interfaces directly on a NIC. */
  readonly nicInterfaces: readonly VlanInterfacePlan[];
  readonly disks: readonly DiskPlan[];
  /** Complete, ready to install `/etc/network/interfaces` (ifupdown2); only on Proxmox. */
  readonly interfacesFile: string;
  /** The management address and its interface, once more for whoever must not cut it. */
  readonly managementInterface: string;
  /** Absent: the management network is not routed. */
  readonly managementGateway?: string;
  readonly outOfBand?: OutOfBandPlan;
  readonly watts?: { readonly idle: number; readonly max: number };
  /** What others would lose if it just vanished, e.g. `a Ceph monitor`. */
  readonly holds: readonly string[];
  /** Whether it has been announced that it goes. */
  readonly retire: boolean;
  /** What it is known by to the others for as long as it is there, by its path in the description. */
  readonly keeps: Readonly<Record<string, string>>;
}

/** The management controller of a host. */
export interface OutOfBandPlan {
  readonly kind: "vpro" | "jetkvm" | "ipmi" | "other";
  /** Its name in the DNS zone. */
  readonly name: string;
  readonly address: string;
  /** Whether AMT answers on 16993 with TLS, and not on 16992 without. */
  readonly tls: boolean;
  /** NIC of the host whose port it shares. */
  readonly sharedNic?: string;
}

/** A machine on the metal that the program switches on for its first boot, by its AMT. */
export interface AmtFirstBootPlan {
  readonly host: string;
  readonly node: string;
  /** Where AMT takes WS-Management. */
  readonly url: string;
  /** Whether it is told to start by PXE, this once. */
  readonly fromNetwork: boolean;
}
