// The shape of the environment file (`homelab:environment` in Pulumi.<stack>.yaml). Shape only: what the values mean together
// (addresses inside their VLAN, cables that agree with switch ports …) is decided and checked in plan/.
import { z } from "zod";
import { diskMatch } from "./disk-schema.ts";
import { host, networkSwitch } from "./hardware-schema.ts";
import { address, label, mtu, port, prefix, sizeGiB, speedMbps } from "./scalar-schema.ts";
import { talosOptions } from "./talos-schema.ts";

const addressRange = z.strictObject({
  from: address.describe("first address of the range"),
  to: address.describe("last address of the range (included)"),
  use: z
    .enum(["reserved", "static", "dhcp"])
    .describe("reserved: nobody may have one; static: assigned by hand; dhcp: leased by the router"),
  purpose: z.string().optional().describe("shown on the map and in problems"),
});

const vlan = z.strictObject({
  id: z.number().int().describe("VLAN id, 1 to 4094 (IEEE 802.1Q)"),
  prefix: prefix.describe("IPv4 prefix, e.g. 10.8.16.0/24"),
  gateway: address.optional().describe("the router's address; leave out for a network that is not routed"),
  mtu: mtu.default(1500).describe("largest IP packet in bytes"),
  purpose: z.string().optional().describe("shown on the map"),
  ranges: z.array(addressRange).default([]).describe("parts of the prefix and what they are for"),
  devices: z.record(z.string(), address).default({}).describe("other devices on this VLAN: name to address"),
});

const node = z.strictObject({
  host: z.string().describe("host it runs on (Proxmox) or is (metal)"),
  role: z.enum(["controlplane", "worker"]).describe("an odd number of control planes"),
  vm: z
    .strictObject({
      id: z.number().int().min(100).max(999_999_999).describe("VM id, unique in the Proxmox cluster"),
      cores: z.number().int().positive().describe("virtual cores"),
      memoryGiB: sizeGiB.describe("memory in GiB"),
      diskGiB: sizeGiB.describe("disk in GiB"),
      bridge: z.string().default("vmbr0").describe("bridge of the host that all its NICs are on"),
      datastore: z.string().default("local-lvm").describe("where the disk lies"),
    })
    .optional()
    .describe("the virtual machine; only on Proxmox"),
  install: z
    .strictObject({
      disk: z.string().optional().describe("name of the host's disk that Talos is installed on"),
      match: diskMatch.optional().describe("instead of disk: what that disk is like; exactly one of the host must fit"),
    })
    .optional()
    .describe("only on the metal"),
  addresses: z.record(z.string(), address).describe("VLAN to the node's address on it"),
  links: z.record(z.string(), z.string()).default({}).describe("VLAN to the host's NIC or bond; only on the metal"),
  reservedMbps: z
    .record(z.string(), speedMbps)
    .default({})
    .describe("VLAN to the Mbit/s that it must have of its link at least; only on the metal"),
  podPrefix: prefix.describe("addresses of this node's pods"),
  labels: z
    .record(z.string(), z.string())
    .default({})
    .describe("labels of the Kubernetes node; its zone is its rack, or else its host, unless said here"),
  retire: z
    .boolean()
    .default(false)
    .describe("it is to go: a node that holds etcd or volumes may be removed from here only after an up with this set"),
});

const service = z.strictObject({
  address: address.describe("the address it always has, from a pool"),
  ports: z.array(port).min(1).describe("ports that answer"),
  purpose: z.string().optional().describe("shown on the map"),
  hostname: label.optional().describe("name in the DNS zone; default: the service's own"),
});

const firewallRule = z.strictObject({
  name: z.string().describe("unique; shown in logs and on the router's page"),
  from: z
    .string()
    .describe("zone: a VLAN, hosts, nodes, out-of-band, pods, load-balancer, internet, any, or one of `zones`"),
  to: z.string().describe("zone, as from"),
  protocol: z.enum(["any", "tcp", "udp", "icmp"]).default("any").describe("ports need tcp or udp"),
  ports: z.array(port).default([]).describe("none: all"),
  action: z.enum(["allow", "deny"]).describe("the first rule that matches decides"),
  enabled: z.boolean().default(true).describe("false: shown, but not in force"),
  log: z.boolean().default(false).describe("whether each match is logged"),
  purpose: z.string().optional().describe("why it is there"),
});

const ceph = z.strictObject({
  vlan: z
    .string()
    .default("storage")
    .describe(
      "VLAN of its public network, where clients reach it; every host with a monitor or an OSD needs an address on it",
    ),
  clusterNetwork: z
    .string()
    .optional()
    .describe("network its OSDs replicate over: `usb4Ring`, or a VLAN; default: the public one"),
  version: z.enum(["squid", "tentacle"]).default("squid").describe("release"),
  monitors: z.array(z.string()).min(1).describe("hosts that run a monitor and a manager"),
  pool: z
    .strictObject({
      name: z.string().default("kubernetes").describe("its name"),
      size: z.number().int().min(1).default(3).describe("copies, one a host"),
      minSize: z.number().int().min(1).default(2).describe("copies without which writing stops"),
    })
    .describe("the pool that volumes come from"),
});

const linstor = z.strictObject({
  interfaceName: z.string().default("storage").describe("name of the LINSTOR interface, the same on all nodes"),
  network: z.string().describe("`usb4Ring`, or the VLAN that carries replication"),
  betweenZones: z
    .strictObject({
      interfaceName: z.string().describe("name of the LINSTOR interface"),
      network: z.string().describe("`usb4Ring`, or a VLAN"),
    })
    .optional()
    .describe("another network for pairs of nodes in different zones (topology.kubernetes.io/zone)"),
  pool: z.string().default("pool1").describe("storage pool on the disks with use: linstor"),
  replicas: z.number().int().min(1).default(2).describe("copies of a volume"),
  method: z
    .enum(["crd", "cli"])
    .default("crd")
    .describe("node connections by custom resource, or by the LINSTOR command line"),
  adoptPaths: z.array(z.string()).default([]).describe("manual paths to keep; every other manual path is removed"),
});

const usb4Ring = z.strictObject({
  prefix: prefix.describe("one /32 per member comes from here"),
  mtu: mtu.default(65_520).describe("largest IP packet over USB4"),
  members: z.record(z.string(), address).describe("host to its address"),
  cables: z.array(z.tuple([z.string(), z.string()])).describe("pairs of <host>/<port>"),
});

const metrics = [
  "interface-utilization",
  "packet-loss",
  "latency",
  "bond-status",
  "vlan-traffic",
  "storage-throughput",
] as const;

/** Everything a rack is described by; unknown keys are refused. */
export const environmentSchema = z.strictObject({
  name: label.describe("name of the rack and of its cluster"),
  platform: z.enum(["proxmox", "metal"]).describe("proxmox: nodes are virtual machines; metal: a node is its host"),
  versions: z
    .strictObject({
      talos: z.string().describe("release, e.g. v1.13.0"),
      kubernetes: z.string().describe("release, e.g. v1.35.0"),
    })
    .describe("what the cluster runs; charts and images are pinned in plan/versions.ts"),
  vlans: z.record(label, vlan).describe("networks by a name of your choice"),
  roles: z
    .strictObject({
      management: z.string().describe("VLAN of the Talos API, the hosts and their web interfaces"),
      nodes: z.string().describe("VLAN of node-to-node and pod traffic"),
      loadBalancer: z.string().describe("VLAN on which load-balancer addresses are announced"),
      migration: z
        .string()
        .optional()
        .describe(
          "network that virtual machines move over from host to host: `usb4Ring`, or a VLAN; default: Ceph's public one where all hosts are on it",
        ),
    })
    .describe("which network serves what"),
  router: z
    .strictObject({
      name: z.string().describe("what uplinks and pages call it"),
      os: z.enum(["unifi", "other"]).default("unifi").describe("decides the form of its page"),
    })
    .describe("what routes between the VLANs; it is configured by hand, from its generated page"),
  switches: z.record(z.string(), networkSwitch).describe("switches by name, with the other end of every cable"),
  provisioning: z
    .strictObject({
      vlan: z.string().describe("VLAN that machines boot on, untagged on their ports"),
      server: z.string().describe("device of that VLAN that answers them by DHCP, TFTP and HTTP"),
    })
    .optional()
    .describe("PXE, for the first boot of machines on the metal that have pxe: see the generated page"),
  hosts: z.record(label, host).describe("machines in the rack, by host name"),
  nodes: z.record(label, node).describe("Talos nodes, by host name"),
  cluster: z
    .strictObject({
      endpoint: z
        .discriminatedUnion("mode", [
          z.strictObject({
            mode: z.literal("direct").describe("one control plane's own address: a single point of failure"),
            node: z.string().describe("that control plane"),
          }),
          z.strictObject({
            mode: z.literal("vip").describe("an address that the control planes share"),
            address: address.describe("a free one on the management VLAN"),
          }),
        ])
        .describe("where the Kubernetes API is reached"),
      servicePrefix: prefix.default("10.96.0.0/12").describe("addresses of services inside the cluster"),
      maxPodsPerNode: z.number().int().positive().default(110).describe("the kubelet's limit"),
      workloadsOnControlPlanes: z.boolean().default(true).describe("whether control planes run pods of yours"),
    })
    .describe("Kubernetes as a whole"),
  talos: talosOptions.prefault({}).describe("options of the operating system"),
  loadBalancer: z
    .strictObject({
      pools: z
        .record(
          label,
          z.strictObject({
            from: address.describe("first address"),
            to: address.describe("last address (included)"),
            autoAssign: z.boolean().default(true).describe("false: only for services that ask for it"),
          }),
        )
        .describe("ranges that services get addresses from, by name"),
      services: z.record(label, service).default({}).describe("services whose address is planned, by name"),
    })
    .describe("MetalLB"),
  ceph: ceph.optional().describe("replicated storage on the Proxmox hosts"),
  linstor: linstor.optional().describe("replicated storage on the nodes; only on the metal"),
  usb4Ring: usb4Ring.optional().describe("hosts joined by USB4 cables"),
  firewall: z
    .strictObject({
      zones: z
        .record(label, z.array(address))
        .default({})
        .describe("further zones: name to addresses, prefixes and ranges (a-b)"),
      rules: z.array(firewallRule).default([]).describe("in order"),
    })
    .default({ zones: {}, rules: [] })
    .describe("who may talk to whom"),
  dns: z
    .strictObject({
      zone: z.string().describe("zone of all names, e.g. home.arpa"),
      servers: z.array(address).min(1).describe("resolvers, three at most; all of them must know the zone"),
      records: z
        .record(label, address)
        .default({})
        .describe("further names; hosts, nodes, services and the API get theirs anyway"),
    })
    .describe("names"),
  ntp: z.array(z.string()).min(1).describe("time servers, by name or address"),
  timeZone: z.string().default("Etc/UTC").describe("of the hosts, by its IANA name"),
  targets: z
    .strictObject({
      throughput: z
        .record(
          label,
          z.strictObject({
            vlan: z.string().describe("network it is measured on"),
            mbps: z.number().positive().describe("Mbit/s between two hosts"),
          }),
        )
        .default({})
        .describe("by a name of your choice"),
      latency: z
        .record(
          label,
          z.strictObject({
            vlan: z.string().describe("network it is measured on"),
            ms: z.number().positive().describe("milliseconds there and back"),
          }),
        )
        .default({})
        .describe("by a name of your choice"),
    })
    .default({ throughput: {}, latency: {} })
    .describe("what the networks must reach; see the generated acceptance page"),
  monitoring: z
    .strictObject({ metrics: z.array(z.enum(metrics)).default([]).describe("what is recorded and warned of") })
    .default({ metrics: [] })
    .describe("Prometheus and Grafana"),
  power: z
    .strictObject({
      budgetWatts: z.number().positive().describe("what the hosts may draw together"),
      ups: z
        .strictObject({
          capacityWh: z.number().positive().describe("watt hours it holds"),
          shutdownMinutes: z
            .number()
            .positive()
            .describe("how long an orderly shutdown may take, of hosts and machines together"),
        })
        .optional()
        .describe("battery that must carry the hosts until they are down"),
    })
    .optional()
    .describe("power of all hosts against what is there"),
});

/** One rack as the file gives it, with defaults filled in. */
export type Environment = z.output<typeof environmentSchema>;
/** One rack as a person writes it. */
export type EnvironmentInput = z.input<typeof environmentSchema>;
