// The Plan: every value that is decided before the first resource is declared. Components, the lab, the docs and the tests read
// it; none of them computes an address, an MTU, a name or an order of its own. All text, all readonly, sorted by key.
import type {
  AddressEntry,
  DnsPlan,
  FirewallPlan,
  HardwarePlan,
  RouterPlan,
  SwitchPlan,
  TargetsPlan,
} from "./site-plan.ts";
import type { DiskPlan, ImagePlan, InstallMatch } from "./talos-plan.ts";

export type * from "./site-plan.ts";
export type * from "./talos-plan.ts";

/** One VLAN with its resolved prefix. */
export interface VlanPlan {
  readonly name: string;
  /** IEEE 802.1Q id, 1 to 4094. */
  readonly id: number;
  /** e.g. `10.8.16.0/24`. */
  readonly prefix: string;
  readonly prefixLength: number;
  /** Absent: not routed. */
  readonly gateway?: string;
  /** Largest IP packet in bytes. */
  readonly mtu: number;
  /** Addresses a device may have: without network and broadcast address. */
  readonly usableAddresses: number;
  readonly purpose?: string;
}

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
  readonly outOfBand?: { readonly kind: string; readonly name: string; readonly address: string };
  readonly watts?: { readonly idle: number; readonly max: number };
}

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
  /** What would be lost with it if it just vanished, e.g. `a member of etcd`. */
  readonly holds: readonly string[];
  /** Whether it has been announced that it goes. */
  readonly retire: boolean;
}

/** What all nodes of the cluster share. */
export interface ClusterPlan {
  readonly name: string;
  readonly talosVersion: string;
  readonly kubernetesVersion: string;
  /** `https://<address>:6443`. */
  readonly endpoint: string;
  readonly endpointAddress: string;
  readonly endpointFqdn: string;
  /** Talos shared address; absent with a direct endpoint. */
  readonly vip?: string;
  readonly vipInterface: string;
  /** The one node that `bootstrap` is sent to. */
  readonly bootstrapNode: string;
  readonly certSans: readonly string[];
  readonly podPrefixes: readonly string[];
  readonly servicePrefix: string;
  readonly etcdPrefix: string;
  readonly nodePrefix: string;
  readonly maxPodsPerNode: number;
  readonly workloadsOnControlPlanes: boolean;
  readonly dnsServers: readonly string[];
  readonly ntpServers: readonly string[];
  readonly zone: string;
  /** Kernel modules with parameters. */
  readonly kernelModules: readonly { readonly name: string; readonly parameters: readonly string[] }[];
}

/** Cilium's part. */
export interface CiliumPlan {
  readonly podPrefixes: readonly string[];
  /** Contains all pods. */
  readonly nativeRoutingPrefix: string;
  readonly devices: readonly string[];
  readonly directRoutingDevice: string;
  /** KubePrism on every node. */
  readonly apiPort: number;
  /** Pods leave behind their node's address; only where their own network is not routed. */
  readonly masquerade: boolean;
}

/** One pool of load-balancer addresses. */
export interface PoolPlan {
  readonly name: string;
  /** `10.8.31.10-10.8.31.200`. */
  readonly range: string;
  readonly size: number;
  readonly autoAssign: boolean;
}

/** A service with its planned address. */
export interface ServicePlan {
  readonly name: string;
  readonly address: string;
  readonly ports: readonly number[];
  readonly fqdn: string;
  readonly purpose?: string;
}

/** MetalLB's part. */
export interface LoadBalancerPlan {
  readonly pools: readonly PoolPlan[];
  /** Guest interface the addresses are announced on. */
  readonly interface: string;
  readonly services: readonly ServicePlan[];
  /** Addresses left for later services. */
  readonly available: number;
}

/** Ceph on the Proxmox hosts. */
export interface CephPlan {
  readonly version: string;
  readonly publicPrefix: string;
  /** Sorted by host; the first creates the cluster. */
  readonly monitors: readonly { readonly host: string; readonly address: string }[];
  readonly osds: readonly {
    readonly host: string;
    readonly disk: string;
    readonly device: string;
    readonly sizeGiB: number;
  }[];
  readonly pool: { readonly name: string; readonly size: number; readonly minSize: number };
}

/** The Proxmox cluster (corosync). */
export interface ProxmoxClusterPlan {
  readonly name: string;
  /** Creates the cluster; the others join it. */
  readonly first: string;
  readonly members: readonly {
    readonly host: string;
    /** One corosync link per VLAN every host has an address on, management first. */
    readonly links: readonly string[];
  }[];
}

/** One end of a USB4 cable. */
export interface RingEndPlan {
  readonly host: string;
  readonly port: string;
  readonly interface: string;
  /** Of the port's controller, e.g. `0000:00:0d.2`; on Proxmox it names the interface. */
  readonly pciPath?: string;
}

/** One cable of a USB4 ring. */
export interface RingCablePlan {
  readonly a: RingEndPlan;
  readonly b: RingEndPlan;
}

/** The USB4 ring. */
export interface RingPlan {
  readonly prefix: string;
  readonly mtu: number;
  readonly members: readonly { readonly host: string; readonly node?: string; readonly address: string }[];
  readonly cables: readonly RingCablePlan[];
}

/** One set of node connections: which pairs replicate over which interface. */
export interface LinstorConnectionPlan {
  readonly name: string;
  /** LINSTOR interface on both nodes. */
  readonly interface: string;
  readonly zones: "any" | "same" | "different";
  /** Each pair once, sorted. */
  readonly pairs: readonly (readonly [string, string])[];
}

/** LINSTOR and its dedicated network. */
export interface LinstorPlan {
  /** What has to be registered before any connection exists. */
  readonly interfaces: readonly { readonly node: string; readonly name: string; readonly address: string }[];
  readonly connections: readonly LinstorConnectionPlan[];
  readonly pool: string;
  readonly devices: readonly { readonly node: string; readonly device: string }[];
  readonly replicas: number;
  readonly method: "crd" | "cli";
  readonly adoptPaths: readonly string[];
}

/** What is watched. */
export interface MonitoringPlan {
  readonly metrics: readonly string[];
  /** Whether Prometheus asks the hosts too. Where the hosts are the nodes, it does anyway. */
  readonly watchesHosts: boolean;
}

/** Everything. */
export interface Plan {
  readonly name: string;
  readonly platform: "proxmox" | "metal";
  readonly zone: string;
  readonly timeZone: string;
  readonly managementVlan: string;
  readonly nodesVlan: string;
  readonly vlans: readonly VlanPlan[];
  readonly hosts: readonly HostPlan[];
  readonly proxmoxCluster?: ProxmoxClusterPlan;
  readonly image: ImagePlan;
  readonly nodes: readonly NodePlan[];
  readonly cluster: ClusterPlan;
  readonly cilium: CiliumPlan;
  readonly loadBalancer: LoadBalancerPlan;
  readonly ceph?: CephPlan;
  readonly linstor?: LinstorPlan;
  readonly ring?: RingPlan;
  readonly firewall: FirewallPlan;
  readonly dns: DnsPlan;
  readonly router: RouterPlan;
  readonly switches: readonly SwitchPlan[];
  readonly hardware: HardwarePlan;
  readonly addresses: readonly AddressEntry[];
  readonly targets: TargetsPlan;
  readonly monitoring: MonitoringPlan;
  readonly power?: {
    readonly idleWatts: number;
    readonly maxWatts: number;
    readonly budgetWatts: number;
    readonly upsMinutes?: number;
  };
}
