// The part of the Plan about Talos nodes: what each is, its interfaces as it sees them, and its virtual machine. All text, all readonly.
import type { BondPlan } from "./host-plan.ts";
import type { EncryptionPlan, InstallMatch } from "./talos-plan.ts";

/** A route of an interface. */
export interface RoutePlan {
  /** Prefix; absent: default route. */
  readonly destination?: string;
  /** Absent: on link. */
  readonly gateway?: string;
  /** Routing table; absent: main. */
  readonly table?: number;
  readonly metric?: number;
  /** Address that packets of the node's own leave with; absent: the kernel chooses one. */
  readonly source?: string;
}

interface NodeInterfaceBase {
  /** Name inside Talos: `eth0`, `bond0`, `bond0.16`, `tb0`. */
  readonly name: string;
  readonly mtu: number;
  /** With prefix length. */
  readonly addresses: readonly string[];
  readonly routes: readonly RoutePlan[];
}
/** An interface as the Talos node sees it. */
export type NodeInterfacePlan =
  | (NodeInterfaceBase & {
      readonly kind: "ethernet" /** Permanent address an alias is bound to (metal). */;
      readonly mac?: string;
      /** Nothing is on it: taken down, since Talos asks for a lease on every NIC that it is told nothing about. */
      readonly isIdle?: true;
    })
  | (NodeInterfaceBase & {
      readonly kind: "bond";
      readonly members: readonly string[];
      readonly mode: BondPlan["mode"];
      readonly xmitHashPolicy: BondPlan["xmitHashPolicy"];
      readonly lacpRate: BondPlan["lacpRate"];
    })
  | (NodeInterfaceBase & { readonly kind: "vlan"; readonly parent: string; readonly vlanId: number })
  | (NodeInterfaceBase & { readonly kind: "usb4" /** Thunderbolt bus path, e.g. `0-1.0`. */; readonly busPath: string })
  | (NodeInterfaceBase & { readonly kind: "dummy" });

/** A policy routing rule of a node. */
export interface RoutingRulePlan {
  /** 1 to 32765; not one of Cilium's own. */
  readonly priority: number;
  readonly source?: string;
  readonly destination?: string;
  /** `main` or a table number. */
  readonly table: string;
}

/** A NIC of a virtual machine; the order is net0, net1. */
export interface VmNicPlan {
  /** Name inside the guest. */
  readonly name: string;
  readonly bridge: string;
  readonly vlanId: number;
  /** Locally administered, derived from the node's name, so that it never changes. */
  readonly mac: string;
  readonly mtu: number;
  /** With prefix length. */
  readonly address: string;
  /** Only where the default route lies. */
  readonly gateway?: string;
}

/** The virtual machine of a node on Proxmox. */
export interface VmPlan {
  readonly id: number;
  readonly name: string;
  readonly host: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
  readonly datastore: string;
  readonly nics: readonly VmNicPlan[];
  /** Sorted: Proxmox sorts them. */
  readonly tags: readonly string[];
  readonly dnsServers: readonly string[];
  readonly zone: string;
  /** Seconds it may take to end, before Proxmox takes its power. */
  readonly stopSeconds: number;
}

/** One Talos node. */
export interface NodePlan {
  readonly name: string;
  readonly fqdn: string;
  readonly role: "controlplane" | "worker";
  readonly host: string;
  /** Talos API address (management VLAN). */
  readonly managementAddress: string;
  /** The kubelet's node address (nodes VLAN). */
  readonly nodeAddress: string;
  readonly podPrefix: string;
  readonly interfaces: readonly NodeInterfacePlan[];
  readonly routingRules: readonly RoutingRulePlan[];
  readonly labels: Readonly<Record<string, string>>;
  readonly vm?: VmPlan;
  /** Device Talos is installed on: `/dev/sda` in a VM, a stable path on the metal. */
  readonly installDisk: string;
  /** Properties by which Talos finds that disk, in its own words; absent: by its path. */
  readonly installMatch?: InstallMatch;
  /** What of its system disk is encrypted. */
  readonly encryption: EncryptionPlan;
  /** What would be lost with it if it just vanished, e.g. `a member of etcd`. */
  readonly holds: readonly string[];
  /** Whether it has been announced that it goes. */
  readonly retire: boolean;
  /** What it is known by to the others for as long as it is there, by its path in the description: `vm.id` → `8001`. */
  readonly keeps: Readonly<Record<string, string>>;
}
