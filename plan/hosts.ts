// Hosts: their addresses, and the network interfaces that follow from bonds, bridges and VLANs.
import type { Environment } from "../config/schema.ts";
import type { Cables } from "./cables.ts";
import type { Draft } from "./draft.ts";
import { checkHostLinks, vlansOn } from "./host-links.ts";
import { addressPath, hostAddress, knownNetwork, networkName, networkPrefix } from "./host-networks.ts";
import { renderInterfacesFile } from "./interfaces-file.ts";
import { formatAddress } from "./ipv4.ts";
import { compareText, inOrder, sortedEntries, sortedTexts } from "./order.ts";
import { planOutOfBand, readOutOfBand } from "./out-of-band.ts";
import type { BondPlan, BridgePlan, HostPlan, ProxmoxClusterPlan, VlanInterfacePlan } from "./plan.ts";
import type { Carriers } from "./segments.ts";
import { checkSwitchSide } from "./switch-side.ts";

type Host = Environment["hosts"][string];

/** Checks all hosts and claims their addresses; says which switches have hosts on which VLAN. */
export function readHosts(draft: Draft, cables: Cables): Carriers {
  const carriers: Carriers = new Map();
  const { env } = draft;
  for (const [name, host] of sortedEntries(env.hosts)) {
    const path = `hosts.${name}`;
    checkHostLinks(draft, name, host);
    checkSwitchSide(draft, name, host, cables, carriers);
    for (const [vlan, place] of sortedEntries(host.addresses))
      draft.claimOn(vlan, place.address, name, `${path}.addresses.${vlan}.address`);
    readOutOfBand(draft, name, host, cables);
    const management = host.addresses[env.roles.management];
    if (env.platform === "proxmox" && management === undefined && env.vlans[env.roles.management] !== undefined) {
      draft.error(
        "host-without-management-address",
        `${path}.addresses`,
        `${name} has no address on VLAN ${env.roles.management}; Proxmox is reached there, add one`,
      );
    }
    const isBridged = Object.entries(host.bridges).some(([name, bridge]) =>
      [name, ...bridge.ports].includes(management?.link ?? ""),
    );
    if (env.platform === "proxmox" && management !== undefined && !isBridged) {
      draft.note(
        "management-without-bridge",
        `${path}.addresses.${env.roles.management}.link`,
        `the management address lies on ${management.link}, so no virtual machine can share it`,
      );
    }
    checkDisks(draft, path, host);
  }
  const { migration, ...vlanRoles } = env.roles;
  for (const [role, vlan] of Object.entries(vlanRoles)) draft.known("vlan", vlan, env.vlans, `roles.${role}`);
  if (migration !== undefined) checkMigration(draft, migration);
  return carriers;
}

/** A machine is moved only between two hosts that both have an address on the network, and any host may be one of them. */
function checkMigration(draft: Draft, network: string): void {
  const { env } = draft;
  const path = "roles.migration";
  if (env.platform === "metal")
    draft.error(
      "migration-without-proxmox",
      path,
      "virtual machines move between Proxmox hosts; with platform: metal there are none, leave it out",
    );
  if (!knownNetwork(draft, network, path)) return;
  for (const [name] of sortedEntries(env.hosts)) {
    if (hostAddress(draft, name, network) !== undefined) continue;
    draft.error(
      "migration-host-without-address",
      addressPath(name, network),
      `${name} has no address on ${networkName(network)}, which ${path} names; no machine could be moved to it or away from it, add one`,
    );
  }
}

function checkDisks(draft: Draft, path: string, host: Host): void {
  const devices = new Map<string, string>();
  for (const [disk, settings] of sortedEntries(host.disks)) {
    const other = devices.get(settings.device);
    if (other !== undefined)
      draft.error(
        "disk-device-twice",
        `${path}.disks.${disk}.device`,
        `${settings.device} is also the device of disk ${other}; one of them would be overwritten`,
      );
    devices.set(settings.device, disk);
    if (!settings.device.startsWith("/dev/disk/by-") && settings.use !== "system") {
      draft.warn(
        "disk-device-unstable",
        `${path}.disks.${disk}.device`,
        `${settings.device} may name another disk after a reboot; use /dev/disk/by-id/…`,
      );
    }
  }
}

/** MTU of a link: what the VLANs on it need, unless the bond says otherwise. */
function linkMtu(draft: Draft, hostName: string, host: Host, link: string): number {
  const needed = Math.max(
    0,
    ...[...vlansOn(draft, hostName, host, link)].map((vlan) => draft.vlans.get(vlan)?.mtu ?? 0),
  );
  return host.bonds[link]?.mtu ?? (needed === 0 ? 1500 : needed);
}

function vlanInterfaces(draft: Draft, host: Host, link: string): VlanInterfacePlan[] {
  return sortedEntries(host.addresses).flatMap(([vlanName, place]) => {
    const vlan = draft.vlans.get(vlanName);
    if (vlan === undefined || place.link !== link) return [];
    const carriesDefault = vlanName === draft.env.roles.management && vlan.gateway !== undefined;
    return [
      {
        name: `${link}.${vlan.id}`,
        parent: link,
        vlanId: vlan.id,
        mtu: vlan.mtu,
        address: `${place.address}/${vlan.prefix.length}`,
        ...(carriesDefault ? { gateway: formatAddress(vlan.gateway) } : {}),
      },
    ];
  });
}

/** What each host holds; on the metal that is its node's. What is the same for all is asked once: there may be thousands. */
function holdings({ env }: Draft): (name: string, host: Host) => string[] {
  if (env.platform !== "proxmox") return () => [];
  const monitors = new Set(env.ceph?.monitors);
  const votes = Object.keys(env.hosts).length > 1 ? ["a vote in the Proxmox cluster"] : [];
  return (name, host) => {
    const osds = env.ceph === undefined ? 0 : Object.values(host.disks).filter((disk) => disk.use === "osd").length;
    return [
      ...(osds > 0 ? [osds === 1 ? "a Ceph OSD" : `${osds} Ceph OSDs`] : []),
      ...(monitors.has(name) ? ["a Ceph monitor"] : []),
      ...votes,
    ];
  };
}

/** The hosts as the Plan shows them. */
export function planHosts(draft: Draft): HostPlan[] {
  const { env } = draft;
  const holds = holdings(draft);
  return sortedEntries(env.hosts).map(([name, host]): HostPlan => {
    const management = host.addresses[env.roles.management];
    const managementId = draft.vlans.get(env.roles.management)?.id;
    const managementGateway = draft.vlans.get(env.roles.management)?.gateway;
    const bonds = sortedEntries(host.bonds).map(
      ([bond, settings]): BondPlan => ({
        host: name,
        name: bond,
        members: sortedTexts(settings.members),
        mode: settings.mode,
        xmitHashPolicy: settings.xmitHashPolicy,
        lacpRate: settings.lacpRate,
        mtu: linkMtu(draft, name, host, bond),
        vlanInterfaces: vlanInterfaces(draft, host, bond),
      }),
    );
    const bridges = sortedEntries(host.bridges).map(
      ([bridge, settings]): BridgePlan => ({
        host: name,
        name: bridge,
        ports: sortedTexts(settings.ports),
        vlanIds: inOrder(
          settings.vlans.flatMap((vlan) => draft.vlans.get(vlan)?.id ?? []),
          (a, b) => a - b,
        ),
        mtu: linkMtu(draft, name, host, bridge),
        carriesManagement: management?.link === bridge,
        vlanInterfaces: vlanInterfaces(draft, host, bridge),
      }),
    );
    const nicInterfaces = sortedEntries(host.nics).flatMap(([nic]) => vlanInterfaces(draft, host, nic));
    return {
      name,
      fqdn: `${name}.${env.dns.zone}`,
      model: host.model,
      ...(host.rack === undefined ? {} : { rack: host.rack }),
      managementAddress: management?.address ?? "",
      managementInterface: management === undefined ? "" : `${management.link}.${managementId ?? 0}`,
      ...(managementGateway === undefined ? {} : { managementGateway: formatAddress(managementGateway) }),
      bonds,
      bridges,
      nicInterfaces,
      disks: sortedEntries(host.disks).map(([disk, settings]) => ({ name: disk, ...settings })),
      holds: holds(name, host),
      retire: host.retire,
      // Corosync and Ceph's monitors know each other by them.
      keeps: Object.fromEntries(
        sortedEntries(host.addresses).map(([vlan, { address }]) => [`addresses.${vlan}.address`, address]),
      ),
      interfacesFile: renderInterfacesFile({
        nics: sortedTexts(Object.keys(host.nics)),
        bonds,
        bridges,
        nicInterfaces,
        managementLink: management?.link ?? "",
      }),
      ...planOutOfBand(host),
      ...(host.watts === undefined ? {} : { watts: host.watts }),
    };
  });
}

/** Corosync: one link per VLAN on which every host has an address, management first. */
export function planProxmoxCluster(draft: Draft, hosts: readonly HostPlan[]): ProxmoxClusterPlan | undefined {
  const { env } = draft;
  const first = hosts[0];
  if (env.platform !== "proxmox" || first === undefined) return undefined;
  const shared = Object.keys(env.vlans)
    .filter((vlan) => Object.values(env.hosts).every((host) => host.addresses[vlan] !== undefined))
    .sort((a, b) => Number(b === env.roles.management) - Number(a === env.roles.management) || compareText(a, b));
  if (hosts.length > 1 && shared.length < 2) {
    draft.warn(
      "corosync-single-link",
      "hosts",
      "the hosts share one network only, so its failure stops the Proxmox cluster; give them a second address on another VLAN",
    );
  }
  const migrationPrefix = migrationNetwork(draft);
  return {
    name: env.name,
    first: first.name,
    members: hosts.map((host) => ({
      host: host.name,
      links: shared.flatMap((vlan) => env.hosts[host.name]?.addresses[vlan]?.address ?? []),
    })),
    ...(migrationPrefix === undefined ? {} : { migrationPrefix }),
  };
}

/** The named network; else Ceph's, which is the fastest one, as long as a machine can move between any two hosts over it. */
function migrationNetwork(draft: Draft): string | undefined {
  const { hosts, roles, ceph } = draft.env;
  if (roles.migration !== undefined) return networkPrefix(draft, roles.migration);
  if (ceph === undefined || Object.keys(hosts).some((name) => hostAddress(draft, name, ceph.vlan) === undefined))
    return undefined;
  return networkPrefix(draft, ceph.vlan);
}
