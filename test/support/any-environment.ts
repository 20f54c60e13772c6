// Small racks of all kinds, for tests that hold for any description: one to three Proxmox hosts with other names, networks, cables and nodes
// than the homelab's. Every one of them is valid, so a problem of the plan's is a mistake of this file.
import fc from "fast-check";

/** Choices that a description follows from. */
interface Choices {
  readonly hosts: number;
  readonly nic: string;
  /** Two NICs in an active-backup bond under the bridge. */
  readonly isBonded: boolean;
  /** Nodes and pods on a VLAN of their own. */
  readonly hasWorkloadVlan: boolean;
  readonly vlanIds: readonly number[];
  readonly length: number;
  readonly second: number;
  readonly controlPlanes: number;
  readonly workers: number;
  readonly isVip: boolean;
  readonly hasCeph: boolean;
  readonly storageMtu: number;
  readonly podsOnVlan: boolean;
  readonly services: readonly string[];
  readonly zone: string;
  readonly ntp: string;
}

const choices: fc.Arbitrary<Choices> = fc.record({
  hosts: fc.constantFrom(1, 1, 2, 3),
  nic: fc.constantFrom("eno", "enp87s", "eth", "ens18f", "nic"),
  isBonded: fc.boolean(),
  hasWorkloadVlan: fc.boolean(),
  vlanIds: fc.uniqueArray(fc.integer({ min: 2, max: 4094 }), { minLength: 3, maxLength: 3 }),
  length: fc.integer({ min: 21, max: 24 }),
  second: fc.integer({ min: 16, max: 30 }),
  controlPlanes: fc.constantFrom(1, 1, 3),
  workers: fc.integer({ min: 0, max: 1 }),
  isVip: fc.boolean(),
  hasCeph: fc.boolean(),
  storageMtu: fc.constantFrom(1500, 9000),
  podsOnVlan: fc.boolean(),
  services: fc.subarray(["traefik", "dashboard", "grafana", "prometheus"]),
  zone: fc.constantFrom("home.arpa", "rack.example.org", "lab.internal"),
  ntp: fc.constantFrom("gateway", "pool.ntp.org"),
});

/** A description as it stands under `homelab:environment`. */
export const anyEnvironment: fc.Arbitrary<Record<string, unknown>> = choices.map(describe);

const from = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const byName = (names: readonly string[], value: (index: number) => unknown): Record<string, unknown> =>
  Object.fromEntries(names.map((name, index) => [name, value(index)]));

function describe(chosen: Choices): Record<string, unknown> {
  const { length, second, vlanIds, nic } = chosen;
  const hosts = from(chosen.hosts).map((index) => `host-${index + 1}`);
  const controlPlanes = chosen.controlPlanes > 1 ? 3 : 1;
  const nodes = from(controlPlanes + chosen.workers).map((index) => `node-${index + 1}`);
  const management = `172.${second}.8`;
  const workload = chosen.hasWorkloadVlan ? `172.${second + 1}.16` : management;
  const nodesVlan = chosen.hasWorkloadVlan ? "pods" : "lan";
  const carried = chosen.hasWorkloadVlan ? ["lan", "pods"] : ["lan"];
  const nics = chosen.isBonded ? [`${nic}0`, `${nic}1`] : [`${nic}0`];
  const hasCeph = chosen.hasCeph && chosen.hosts === 3;
  const storageNic = `${nic}7`;
  const port = (host: string, name: string, tagged: readonly string[]) => ({
    speedMbps: 10_000,
    host,
    nic: name,
    tagged,
  });
  const ports = Object.fromEntries([
    ...hosts.flatMap((host, index) => [
      ...nics.map((name, of) => [`${index * 3 + of + 1}`, port(host, name, carried)]),
      ...(hasCeph ? [[`${index * 3 + 3}`, port(host, storageNic, ["blocks"])]] : []),
    ]),
    ["24", { speedMbps: 10_000, uplink: "edge", tagged: carried }],
  ]) as Record<string, unknown>;
  const bridge = { ports: chosen.isBonded ? ["bond0"] : nics, vlans: carried };
  return {
    name: "any",
    platform: "proxmox",
    versions: { talos: "v1.13.0", kubernetes: "v1.35.0" },
    vlans: {
      lan: { id: vlanIds[0], prefix: `${management}.0/${length}`, gateway: `${management}.1` },
      ...(chosen.hasWorkloadVlan
        ? { pods: { id: vlanIds[1], prefix: `${workload}.0/${length}`, gateway: `${workload}.1` } }
        : {}),
      ...(hasCeph ? { blocks: { id: vlanIds[2], prefix: "192.0.2.0/28", mtu: chosen.storageMtu } } : {}),
    },
    roles: { management: "lan", nodes: nodesVlan, loadBalancer: nodesVlan },
    router: { name: "edge", os: "other" },
    switches: { desk: { model: "any", os: "other", mtu: 9216, ports } },
    hosts: byName(hosts, (index) => ({
      model: "any",
      cpuCores: 32,
      memoryGiB: 128,
      disks: {
        system: { device: "/dev/disk/by-id/nvme-system", sizeGiB: 900, use: "system" },
        ...(hasCeph ? { osd: { device: "/dev/disk/by-id/nvme-osd", sizeGiB: 900, use: "osd" } } : {}),
      },
      nics: byName([...nics, ...(hasCeph ? [storageNic] : [])], () => ({ speedMbps: 10_000 })),
      ...(chosen.isBonded ? { bonds: { bond0: { members: nics, mode: "active-backup" } } } : {}),
      bridges: { vmbr0: bridge },
      addresses: {
        lan: { link: "vmbr0", address: `${management}.${10 + index}` },
        ...(hasCeph ? { blocks: { link: storageNic, address: `192.0.2.${1 + index}` } } : {}),
      },
    })),
    nodes: byName(nodes, (index) => ({
      host: hosts[index % hosts.length],
      role: index < controlPlanes ? "controlplane" : "worker",
      vm: { id: 200 + index, cores: 4, memoryGiB: 16, diskGiB: 60 },
      addresses: {
        lan: `${management}.${50 + index}`,
        ...(chosen.hasWorkloadVlan ? { pods: `${workload}.${50 + index}` } : {}),
      },
      // In the VLAN where it is large enough to hold them beside everybody else.
      podPrefix: chosen.podsOnVlan && length <= 21 ? podsOnVlan(workload, index) : `10.${64 + index}.0.0/24`,
    })),
    cluster: {
      endpoint: chosen.isVip ? { mode: "vip", address: `${management}.60` } : { mode: "direct", node: nodes[0] },
    },
    loadBalancer: {
      pools: { default: { from: `${workload}.200`, to: `${workload}.220` } },
      services: byName(chosen.services, (index) => ({ address: `${workload}.${200 + index}`, ports: [80] })),
    },
    ...(hasCeph ? { ceph: { vlan: "blocks", monitors: hosts, pool: { size: 3, minSize: 2 } } } : {}),
    dns: { zone: chosen.zone, servers: [`${management}.1`] },
    ntp: [chosen.ntp === "gateway" ? `${management}.1` : chosen.ntp],
  };
}

/** The next /24s of the VLAN, one for each node. */
function podsOnVlan(workload: string, index: number): string {
  const [a, b, c] = workload.split(".").map(Number);
  return `${a}.${b}.${(c ?? 0) + 1 + index}.0/24`;
}
