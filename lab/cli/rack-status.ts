// The state of a rack as a person asks for it: everything worked out from hardware, wiring and what runs, nothing remembered.
import type { DnsRecordPlan, Plan } from "../../plan/plan.ts";
import { type CephHealth, cephHealth } from "../rack/ceph.ts";
import { quorumOf } from "../rack/corosync.ts";
import { type Host, hosts } from "../rack/hosts.ts";
import { type KubernetesStatus, kubernetesStatus } from "../rack/kubernetes/status.ts";
import { type Link, mtuOf } from "../rack/links.ts";
import { type LinstorStatus, linstorStatus } from "../rack/linstor/status.ts";
import { liveLinks } from "../rack/live-links.ts";
import { OPERATOR, reach } from "../rack/reach.ts";
import { extraAddresses, stations } from "../rack/stations.ts";
import type { Rack } from "../rack/store.ts";
import { type Cable, cables, describeEnd } from "../rack/switches.ts";
import { listSnapshots } from "../rack/talos/etcd-data.ts";
import { type EtcdStatus, etcdStatus, type TalosNodeStatus, talosStatus } from "../rack/talos/status.ts";
import { vms } from "../rack/vms.ts";

/** A host and its links. */
interface HostStatus {
  readonly name: string;
  readonly model: string;
  /** `metal`: it boots Talos and has no management of its own. */
  readonly platform: Host["platform"];
  readonly powered: boolean;
  /** Whether the operator gets an answer at its management address. */
  readonly reachable: boolean;
  readonly quorate: boolean;
  readonly failedDisks: readonly string[];
  readonly links: readonly {
    readonly name: string;
    readonly kind: string;
    readonly state: string;
    readonly mtu: number;
    readonly addresses: readonly string[];
  }[];
}

/** A virtual machine, as its host runs it. */
interface VmStatus {
  readonly vmid: number;
  readonly name: string;
  readonly host: string;
  readonly running: boolean;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly addresses: readonly string[];
}

/** An address that services answer at, and who answers. */
interface AnnouncedStatus {
  readonly address: string;
  readonly purpose: string;
  /** Station that answers for it. */
  readonly announcedBy: string;
  readonly reachable: boolean;
}

/** A planned name, and whether something lives behind it. */
interface DnsStatus {
  readonly fqdn: string;
  readonly address: string;
  readonly kind: string;
  readonly alive: boolean;
  /** Who answers, or why nobody does. */
  readonly answer: string;
}

/** A rack at one moment. */
export interface RackStatus {
  readonly rack: string;
  readonly hosts: readonly HostStatus[];
  readonly pulledCables: readonly string[];
  readonly vms: readonly VmStatus[];
  readonly talos: readonly TalosNodeStatus[];
  readonly etcd: readonly EtcdStatus[];
  /** Snapshots of etcd on a volume, oldest first. */
  readonly snapshots: readonly string[];
  readonly kubernetes: readonly KubernetesStatus[];
  readonly addresses: readonly AnnouncedStatus[];
  readonly dns: readonly DnsStatus[];
  readonly ceph: CephHealth;
  readonly linstor: readonly LinstorStatus[];
}

/** From the cable up. */
const KINDS = ["nic", "usb4", "bond", "bridge", "vlan", "dummy"];

function byKind(a: Link, b: Link): number {
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : 1);
}

function isPlugged(all: readonly Cable[], host: string, nic: string): boolean {
  return all.some(({ plugged, ends }) => plugged && ends.some((end) => describeEnd(end) === `${host}/${nic}`));
}

function linkState(all: readonly Cable[], host: string, link: Link): string {
  if (link.kind === "nic") return isPlugged(all, host, link.name) ? "up" : "no cable";
  if (link.kind !== "bond") return link.autostart ? "up" : "down";
  const members = link.members ?? [];
  const live = members.filter((member) => isPlugged(all, host, member));
  return `${live.length} of ${members.length} members${link.bondMode === undefined ? "" : `, ${link.bondMode}`}`;
}

function hostStatus(
  rack: Rack,
  plan: Plan | undefined,
  all: readonly Cable[],
  { name, model, platform, powered, disks }: Host,
): HostStatus {
  const links = liveLinks(rack, name);
  const address =
    plan?.hosts.find((host) => host.name === name)?.managementAddress ??
    Object.values(links).flatMap((link) => link.addresses)[0];
  return {
    name,
    model,
    platform,
    powered,
    reachable: powered && address !== undefined && reach(rack, { from: OPERATOR, to: address.split("/")[0] ?? "" }).ok,
    quorate: quorumOf(rack, name).isQuorate,
    failedDisks: disks.filter((disk) => disk.isFailed).map((disk) => disk.name),
    links: Object.values(links)
      .sort(byKind)
      .map((link) => ({
        name: link.name,
        kind: link.kind,
        state: powered ? linkState(all, name, link) : "off",
        mtu: mtuOf(links, link.name),
        addresses: link.addresses,
      })),
  };
}

function answerAt(rack: Rack, { address, kind }: DnsRecordPlan): { alive: boolean; answer: string } {
  const station = stations(rack).find((candidate) => candidate.address === address);
  const extra = extraAddresses(rack).get(address);
  if (!station && !extra) {
    const isOutside = kind === "device";
    return { alive: isOutside, answer: isOutside ? "outside of the rack" : "nobody has this address" };
  }
  const way = reach(rack, { from: OPERATOR, to: address });
  if (!way.ok) return { alive: false, answer: way.reason };
  return {
    alive: true,
    answer: extra ? `${extra.purpose}, answered by ${ownerAt(rack, extra.at)}` : (station?.owner ?? ""),
  };
}

function ownerAt(rack: Rack, address: string): string {
  return stations(rack).find((station) => station.address === address)?.owner ?? address;
}

/** Looks at everything once. */
export function rackStatus(rack: Rack, plan: Plan | undefined): RackStatus {
  // First, as it brings up to date who answers for which address.
  const kubernetes = kubernetesStatus(rack);
  const all = cables(rack).list();
  const wires = all.map(({ body }) => body);
  return {
    rack: rack.name,
    hosts: hosts(rack)
      .list()
      .map(({ body }) => hostStatus(rack, plan, wires, body)),
    pulledCables: all.filter(({ body }) => !body.plugged).map(({ id }) => id),
    vms: vms(rack)
      .list()
      .map(({ body: { vmid, name, host, running, cores, memoryMiB, addresses } }) => ({
        vmid,
        name,
        host,
        running: running && hosts(rack).get(host)?.powered === true,
        cores,
        memoryMiB,
        addresses: addresses.flatMap(({ address }) => address ?? []),
      })),
    talos: talosStatus(rack),
    etcd: etcdStatus(rack),
    snapshots: listSnapshots(rack),
    kubernetes,
    addresses: extraAddresses(rack)
      .list()
      .map(({ body: { address, at, purpose } }) => ({
        address,
        purpose,
        announcedBy: ownerAt(rack, at),
        reachable: reach(rack, { from: OPERATOR, to: address }).ok,
      })),
    dns: (plan?.dns.records ?? []).map((record) => ({
      fqdn: record.fqdn,
      address: record.address,
      kind: record.kind,
      ...answerAt(rack, record),
    })),
    ceph: cephHealth(rack),
    linstor: linstorStatus(rack),
  };
}
