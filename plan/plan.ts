// The Plan: every value that is decided before the first resource is declared. Components, the lab, the docs and the tests read
// it; none of them computes an address, an MTU, a name or an order of its own. All text, all readonly, sorted by key.
import type { Environment } from "../config/schema.ts";
import type { AmtFirstBootPlan, HostPlan } from "./host-plan.ts";
import type { NodePlan } from "./node-plan.ts";
import type {
  AddressEntry,
  DnsPlan,
  FirewallPlan,
  HardwarePlan,
  ProvisioningPlan,
  ReservationPlan,
  RouterPlan,
  SwitchPlan,
  TargetsPlan,
} from "./site-plan.ts";
import type { ImagePlan, IngressRulePlan, ShutdownPlan } from "./talos-plan.ts";

export type * from "./host-plan.ts";
export type * from "./node-plan.ts";
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
  /** How nodes end when the power is gone; absent: by Talos's defaults. */
  readonly shutdown?: ShutdownPlan;
  /** What nodes answer; absent: everything. */
  readonly ingress?: readonly IngressRulePlan[];
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
  /** Clients, monitors. */
  readonly publicPrefix: string;
  /** Replication between OSDs; the same as the public one unless the description says otherwise. */
  readonly clusterPrefix: string;
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
  /** Network of live migration; absent: the management network. */
  readonly migrationPrefix?: string;
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
  /** Label of the nodes of which no two replicas of a volume, and no tie breaker of theirs, may have the same value. */
  readonly differentOn?: string;
  readonly method: "crd" | "cli";
  readonly adoptPaths: readonly string[];
}

/** What can be watched. */
export type Metric = Environment["monitoring"]["metrics"][number];

/** What is watched. */
export interface MonitoringPlan {
  readonly metrics: readonly Metric[];
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
  /** Machines that the program switches on for their first boot; the others are switched on by hand. */
  readonly amtFirstBoots: readonly AmtFirstBootPlan[];
  /** Absent: machines are booted from sticks. */
  readonly provisioning?: ProvisioningPlan;
  readonly addresses: readonly AddressEntry[];
  readonly targets: TargetsPlan;
  /** Absent: nothing is reserved. */
  readonly reservations?: readonly ReservationPlan[];
  readonly monitoring: MonitoringPlan;
  readonly power?: {
    readonly idleWatts: number;
    readonly maxWatts: number;
    readonly budgetWatts: number;
    readonly upsMinutes?: number;
  };
}
