// A description of any size: every host with a bond for storage, a bridge, one machine, and its three cables.
import { type Environment, type EnvironmentInput, environmentSchema } from "../../config/schema.ts";
import { formatAddress } from "../../plan/ipv4.ts";

const hostsPerSwitch = 40;
/** Hosts with monitors and OSDs: a storage cluster does not grow with the racks. */
const cephHosts = 30;
const controlPlanes = 5;

const management = 0x0a000000; // 10.0.0.0/16
const storage = 0x0a010000; // 10.1.0.0/16
const workload = 0xac100000; // 172.16.0.0/16
const pods = 0x64400000; // 100.64.0.0/10, one /25 a node

/** An environment of `size` hosts with a node each. */
export function largeEnvironment(size: number): Environment {
  return environmentSchema.parse(largeDescription(size));
}

/** The same as it would stand in a stack's file. */
export function largeDescription(size: number): EnvironmentInput {
  const names = Array.from({ length: size }, (_, i) => String(i + 1).padStart(5, "0"));
  return {
    name: "large",
    platform: "proxmox",
    versions: { talos: "v1.13.0", kubernetes: "v1.35.0" },
    vlans: {
      management: { id: 16, prefix: "10.0.0.0/16", gateway: "10.0.0.1", devices: { core: "10.0.0.2" } },
      storage: { id: 48, prefix: "10.1.0.0/16", mtu: 9000 },
      workload: { id: 28, prefix: "172.16.0.0/16", gateway: "172.16.0.1" },
    },
    roles: { management: "management", nodes: "workload", loadBalancer: "workload" },
    router: { name: "router" },
    switches: Object.fromEntries(switches(names)),
    hosts: Object.fromEntries(names.map((name, i) => [`host-${name}`, host(i)])),
    nodes: Object.fromEntries(names.map((name, i) => [`node-${name}`, node(name, i)])),
    cluster: { endpoint: { mode: "vip", address: "10.0.0.3" } },
    loadBalancer: { pools: { default: { from: "172.16.250.1", to: "172.16.250.200" } } },
    ceph: {
      monitors: names.slice(0, Math.min(5, size - 1 + (size % 2))).map((name) => `host-${name}`),
      pool: { size: Math.min(3, size), minSize: Math.min(2, size) },
    },
    dns: { zone: "example.org", servers: ["10.0.0.1"] },
    ntp: ["10.0.0.1"],
  };
}

function host(index: number): EnvironmentInput["hosts"][string] {
  const osd = { device: `/dev/disk/by-id/osd-${index}`, sizeGiB: 2000, use: "osd" as const };
  return {
    model: "server",
    cpuCores: 32,
    memoryGiB: 128,
    disks: {
      system: { device: `/dev/disk/by-id/system-${index}`, sizeGiB: 500, use: "system" },
      ...(index < cephHosts ? { osd } : {}),
    },
    nics: { eno1: { speedMbps: 2500 }, eno2: { speedMbps: 10_000 }, eno3: { speedMbps: 10_000 } },
    bonds: { bond0: { members: ["eno2", "eno3"] } },
    bridges: { vmbr0: { ports: ["eno1"], vlans: ["management", "workload"] } },
    addresses: {
      management: { link: "vmbr0", address: formatAddress(management + 256 + 2 * index) },
      storage: { link: "bond0", address: formatAddress(storage + 256 + index) },
    },
  };
}

function node(name: string, index: number): EnvironmentInput["nodes"][string] {
  return {
    host: `host-${name}`,
    role: index < controlPlanes ? "controlplane" : "worker",
    vm: { id: 1000 + index, cores: 8, memoryGiB: 64, diskGiB: 100 },
    addresses: {
      management: formatAddress(management + 257 + 2 * index),
      workload: formatAddress(workload + 256 + index),
    },
    podPrefix: `${formatAddress(pods + 128 * index)}/25`,
  };
}

function* switches(names: readonly string[]): Iterable<[string, EnvironmentInput["switches"][string]]> {
  for (let first = 0; first < names.length; first += hostsPerSwitch) {
    const hosts = names.slice(first, first + hostsPerSwitch).map((name) => `host-${name}`);
    const rack = String(first / hostsPerSwitch + 1).padStart(4, "0");
    const routed = ["management", "workload"];
    const uplink = { speedMbps: 100_000, uplink: "core" };
    const front = hosts.map(
      (at, i) => [`${i + 1}`, { speedMbps: 2500, host: at, nic: "eno1", tagged: routed }] as const,
    );
    const back = hosts.flatMap((at, i) =>
      ["eno2", "eno3"].map((nic, j) => {
        const port = { speedMbps: 10_000, host: at, nic, tagged: ["storage"], lag: `lag-${i}` };
        return [`${2 * i + j + 1}`, port] as const;
      }),
    );
    const shape = { model: "top of rack", os: "other", mtu: 9216 } as const;
    yield [`front-${rack}`, { ...shape, ports: { ...Object.fromEntries(front), up: { ...uplink, tagged: routed } } }];
    yield [
      `back-${rack}`,
      { ...shape, ports: { ...Object.fromEntries(back), up: { ...uplink, tagged: ["storage"] } } },
    ];
  }
}
