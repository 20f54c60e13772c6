// The shape of the environment file (`homelab:environment` in Pulumi.<stack>.yaml). Shape only: what the values mean together
// (addresses inside their VLAN, cables that agree with switch ports …) is decided and checked in plan/.
import { z } from "zod";

/** IPv4 address or prefix as text; plan/ parses it, so that its message can say what is wrong. */
const address = z.string().min(1);
const prefix = z.string().min(1);
/** Key of a map: a DNS label, since hosts, nodes and services become host names. */
const label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be a DNS label: lower case letters, digits and hyphens");
const mtu = z.number().int().min(576).max(65_535);
const speedMbps = z.number().int().positive();
const sizeGiB = z.number().positive();
const port = z.number().int().min(1).max(65_535);

const addressRange = z.strictObject({
  from: address.describe("first address of the range"),
  to: address.describe("last address of the range (included)"),
  use: z
    .enum(["reserved", "static", "dhcp"])
    .describe("reserved: nobody may have one; static: assigned by hand; dhcp: leased by the router"),
  purpose: z.string().optional(),
});

const vlan = z.strictObject({
  id: z.number().int().describe("VLAN id, 1 to 4094 (IEEE 802.1Q)"),
  prefix: prefix.describe("IPv4 prefix, e.g. 10.8.16.0/24"),
  gateway: address.optional().describe("the router's address; leave out for a network that is not routed"),
  mtu: mtu.default(1500).describe("largest IP packet in bytes"),
  purpose: z.string().optional(),
  ranges: z.array(addressRange).default([]),
  devices: z.record(z.string(), address).default({}).describe("other devices on this VLAN: name to address"),
});

const switchPort = z.strictObject({
  speedMbps: speedMbps.describe("link speed in Mbit/s"),
  host: z.string().optional().describe("host that is cabled to this port"),
  nic: z.string().optional().describe("NIC of that host"),
  uplink: z.string().optional().describe("switch or router at the other end"),
  native: z.string().optional().describe("VLAN whose frames are untagged on this port"),
  tagged: z
    .union([z.literal("all"), z.array(z.string())])
    .default([])
    .describe("VLANs whose frames are tagged on this port"),
  lag: z.string().optional().describe("LACP group (802.3ad) this port is a member of"),
  mtu: mtu.optional().describe("largest IP packet this port forwards; default: the switch's"),
});

const networkSwitch = z.strictObject({
  model: z.string(),
  os: z.enum(["unifi", "routeros", "other"]).describe("decides the form of the generated port configuration"),
  address: address.optional().describe("management address"),
  mtu: mtu.default(1500).describe("largest IP packet the switch forwards"),
  lacp: z.boolean().default(true).describe("whether it can form 802.3ad groups"),
  ports: z.record(z.string(), switchPort),
});

const disk = z.strictObject({
  device: z.string().describe("stable path, e.g. /dev/disk/by-id/nvme-…"),
  sizeGiB: sizeGiB,
  use: z.enum(["system", "osd", "linstor", "data", "unused"]),
});

const nic = z.strictObject({
  speedMbps: speedMbps.describe("link speed in Mbit/s"),
  mac: z
    .string()
    .optional()
    .describe("permanent hardware address; needed for Talos on the metal, where names are aliases by address"),
});

const bond = z.strictObject({
  members: z.array(z.string()).min(1),
  mode: z.enum(["802.3ad", "active-backup"]).default("802.3ad"),
  xmitHashPolicy: z.enum(["layer2", "layer2+3", "layer3+4"]).default("layer3+4"),
  lacpRate: z.enum(["slow", "fast"]).default("fast"),
  mtu: mtu.optional().describe("default: the largest MTU of the VLANs on it"),
});

const bridge = z.strictObject({
  ports: z.array(z.string()).min(1).describe("NIC or bond that the bridge sends through"),
  vlans: z.array(z.string()).min(1).describe("VLANs that the bridge carries"),
});

const host = z.strictObject({
  model: z.string(),
  cpuCores: z.number().int().positive().describe("threads that virtual machines may share"),
  memoryGiB: sizeGiB,
  disks: z.record(z.string(), disk),
  nics: z.record(z.string(), nic),
  bonds: z.record(z.string(), bond).default({}),
  bridges: z.record(z.string(), bridge).default({}),
  addresses: z
    .record(z.string(), z.strictObject({ link: z.string().describe("NIC, bond or bridge"), address }))
    .default({})
    .describe("VLAN to the host's own address on it"),
  outOfBand: z
    .strictObject({
      kind: z.enum(["vpro", "jetkvm", "ipmi", "other"]),
      name: label,
      address,
      mac: z.string().optional(),
    })
    .optional(),
  usb4Ports: z
    .record(z.string(), z.strictObject({ busPath: z.string().describe("e.g. 0-1.0"), pciPath: z.string().optional() }))
    .default({}),
  watts: z.strictObject({ idle: z.number().positive(), max: z.number().positive() }).optional(),
});

const node = z.strictObject({
  host: z.string().describe("host it runs on (Proxmox) or is (metal)"),
  role: z.enum(["controlplane", "worker"]),
  vm: z
    .strictObject({
      id: z.number().int().min(100).max(999_999_999),
      cores: z.number().int().positive(),
      memoryGiB: sizeGiB,
      diskGiB: sizeGiB,
      bridge: z.string().default("vmbr0"),
      datastore: z.string().default("local-lvm"),
    })
    .optional()
    .describe("the virtual machine; only on Proxmox"),
  install: z
    .strictObject({ disk: z.string().describe("name of the host's disk that Talos is installed on") })
    .optional()
    .describe("only on the metal"),
  addresses: z.record(z.string(), address).describe("VLAN to the node's address on it"),
  links: z.record(z.string(), z.string()).default({}).describe("VLAN to the host's NIC or bond; only on the metal"),
  podPrefix: prefix.describe("addresses of this node's pods"),
  labels: z.record(z.string(), z.string()).default({}),
});

const service = z.strictObject({
  address: address,
  ports: z.array(port).min(1),
  purpose: z.string().optional(),
  hostname: label.optional().describe("name in the DNS zone; default: the service's own"),
});

const firewallRule = z.strictObject({
  name: z.string(),
  from: z
    .string()
    .describe("zone: a VLAN, hosts, nodes, out-of-band, pods, load-balancer, internet, any, or one of `zones`"),
  to: z.string(),
  protocol: z.enum(["any", "tcp", "udp", "icmp"]).default("any"),
  ports: z.array(port).default([]),
  action: z.enum(["allow", "deny"]),
  enabled: z.boolean().default(true),
  log: z.boolean().default(false),
  purpose: z.string().optional(),
});

const ceph = z.strictObject({
  vlan: z.string().default("storage"),
  version: z.enum(["squid", "tentacle"]).default("squid"),
  monitors: z.array(z.string()).min(1).describe("hosts that run a monitor and a manager"),
  pool: z.strictObject({
    name: z.string().default("kubernetes"),
    size: z.number().int().min(1).default(3),
    minSize: z.number().int().min(1).default(2),
  }),
});

const linstor = z.strictObject({
  interfaceName: z.string().default("storage").describe("name of the LINSTOR interface, the same on all nodes"),
  network: z.string().describe("`usb4Ring`, or the VLAN that carries replication"),
  betweenZones: z
    .strictObject({ interfaceName: z.string(), network: z.string() })
    .optional()
    .describe("another network for pairs of nodes in different zones (topology.kubernetes.io/zone)"),
  pool: z.string().default("pool1"),
  replicas: z.number().int().min(1).default(2),
  method: z
    .enum(["crd", "cli"])
    .default("crd")
    .describe("node connections by custom resource, or by the LINSTOR command line"),
  adoptPaths: z.array(z.string()).default([]).describe("manual paths to keep; every other manual path is removed"),
});

const usb4Ring = z.strictObject({
  prefix: prefix.describe("one /32 per member comes from here"),
  mtu: mtu.default(65_520),
  members: z.record(z.string(), address).describe("host to its address"),
  cables: z.array(z.tuple([z.string(), z.string()])).describe("pairs of <host>/<port>"),
});

/** Everything a rack is described by; unknown keys are refused. */
export const environmentSchema = z.strictObject({
  name: label,
  platform: z.enum(["proxmox", "metal"]),
  versions: z
    .strictObject({ talos: z.string(), kubernetes: z.string() })
    .describe("what the cluster runs; charts and images are pinned in plan/versions.ts"),
  vlans: z.record(label, vlan),
  roles: z
    .strictObject({
      management: z.string().describe("VLAN of the Talos API, the hosts and their web interfaces"),
      nodes: z.string().describe("VLAN of node-to-node and pod traffic"),
      loadBalancer: z.string().describe("VLAN on which load-balancer addresses are announced"),
    })
    .describe("which VLAN serves what"),
  router: z.strictObject({ name: z.string(), os: z.enum(["unifi", "other"]).default("unifi") }),
  switches: z.record(z.string(), networkSwitch),
  hosts: z.record(label, host),
  nodes: z.record(label, node),
  cluster: z.strictObject({
    endpoint: z.discriminatedUnion("mode", [
      z.strictObject({ mode: z.literal("direct"), node: z.string() }),
      z.strictObject({ mode: z.literal("vip"), address }),
    ]),
    servicePrefix: prefix.default("10.96.0.0/12"),
    maxPodsPerNode: z.number().int().positive().default(110),
    workloadsOnControlPlanes: z.boolean().default(true),
  }),
  loadBalancer: z.strictObject({
    pools: z.record(label, z.strictObject({ from: address, to: address, autoAssign: z.boolean().default(true) })),
    services: z.record(label, service).default({}),
  }),
  ceph: ceph.optional(),
  linstor: linstor.optional(),
  usb4Ring: usb4Ring.optional(),
  firewall: z
    .strictObject({ zones: z.record(label, z.array(address)).default({}), rules: z.array(firewallRule).default([]) })
    .default({ zones: {}, rules: [] }),
  dns: z.strictObject({
    zone: z.string(),
    servers: z.array(address).min(1),
    records: z
      .record(label, address)
      .default({})
      .describe("further names; hosts, nodes, services and the API get theirs anyway"),
  }),
  ntp: z.array(z.string()).min(1),
  timeZone: z.string().default("Etc/UTC"),
  targets: z
    .strictObject({
      throughput: z.record(label, z.strictObject({ vlan: z.string(), mbps: z.number().positive() })).default({}),
      latency: z.record(label, z.strictObject({ vlan: z.string(), ms: z.number().positive() })).default({}),
    })
    .default({ throughput: {}, latency: {} }),
  monitoring: z.strictObject({ metrics: z.array(z.string()).default([]) }).default({ metrics: [] }),
  power: z
    .strictObject({
      budgetWatts: z.number().positive(),
      ups: z.strictObject({ capacityWh: z.number().positive(), shutdownMinutes: z.number().positive() }).optional(),
    })
    .optional(),
});

/** One rack as the file gives it, with defaults filled in. */
export type Environment = z.output<typeof environmentSchema>;
/** One rack as a person writes it. */
export type EnvironmentInput = z.input<typeof environmentSchema>;
