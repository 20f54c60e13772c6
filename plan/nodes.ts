// Talos nodes: addresses, pods, interfaces, policy routing, and the virtual machine underneath.
import type { Environment } from "../config/schema.ts";
import { planEncryption } from "./disk-encryption.ts";
import type { Draft } from "./draft.ts";
import { planInstallDisk, readInstallDisk } from "./install-disk.ts";
import { formatAddress, type Prefix, usableOf } from "./ipv4.ts";
import { deriveMac } from "./mac.ts";
import { metalInterfaces } from "./metal-links.ts";
import { routingRules, type SharedRoutes, sharedRoutes, vlanRoutes } from "./node-routes.ts";
import { nodeVlans } from "./node-vlans.ts";
import { sortedEntries, sortedTexts } from "./order.ts";
import type { NodeInterfacePlan, NodePlan, VmNicPlan, VmPlan } from "./plan.ts";
import type { PodPrefixes } from "./pod-prefixes.ts";
import { planStopSeconds } from "./shutdown.ts";
import { zoneLabel, zoneOf } from "./zones.ts";

type Node = Environment["nodes"][string];

/** Addresses of a pod prefix that no pod gets: Cilium keeps one for its router and one for its health check. */
const ciliumAddresses = 2;

/** Checks all nodes and claims their addresses. */
export function readNodes(draft: Draft): PodPrefixes {
  const { env } = draft;
  const pods = new Map<string, Prefix>();
  const vmIds = new Map<number, string>();
  const metalHosts = new Map<string, string>();
  for (const [name, node] of sortedEntries(env.nodes)) {
    const path = `nodes.${name}`;
    const hostKnown = draft.known("host", node.host, env.hosts, `${path}.host`);
    claimAddresses(draft, path, name, node);
    if (env.platform === "proxmox") readVm(draft, path, name, node, vmIds, hostKnown);
    else readMetal(draft, path, name, node, metalHosts, hostKnown);
    const prefix = draft.prefix(node.podPrefix, `${path}.podPrefix`);
    if (prefix === undefined) continue;
    pods.set(name, prefix);
    const usable = Math.max(0, usableOf(prefix) - ciliumAddresses);
    if (usable < env.cluster.maxPodsPerNode) {
      draft.error(
        "pod-prefix-too-small",
        `${path}.podPrefix`,
        `${node.podPrefix} has ${usable} addresses for up to ${env.cluster.maxPodsPerNode} pods (Cilium keeps ${ciliumAddresses}); use a larger prefix or lower cluster.maxPodsPerNode`,
      );
    }
  }
  return pods;
}

function claimAddresses(draft: Draft, path: string, name: string, node: Node): void {
  const { roles, vlans } = draft.env;
  for (const role of new Set([roles.management, roles.nodes, roles.loadBalancer])) {
    if (node.addresses[role] === undefined && vlans[role] !== undefined) {
      draft.error(
        "node-without-address",
        `${path}.addresses`,
        `${name} has no address on VLAN ${role}; every node needs one there`,
      );
    }
  }
  for (const [vlan, address] of sortedEntries(node.addresses)) {
    const where = `${path}.addresses.${vlan}`;
    if (draft.known("vlan", vlan, vlans, where)) draft.claimOn(vlan, address, name, where);
  }
}

function readVm(
  draft: Draft,
  path: string,
  name: string,
  node: Node,
  vmIds: Map<number, string>,
  hostKnown: boolean,
): void {
  for (const key of ["install", "links", "reservedMbps"] as const) {
    if (Object.keys(node[key] ?? {}).length > 0) {
      const message = `${key}: is for nodes on the metal, a virtual machine has none; remove it`;
      draft.error("metal-setting-on-vm", `${path}.${key}`, message);
    }
  }
  if (node.vm === undefined) {
    draft.error("node-without-vm", path, `${name} has no vm: block; on Proxmox a node is a virtual machine, add one`);
    return;
  }
  const other = vmIds.get(node.vm.id);
  if (other !== undefined) {
    draft.error(
      "vm-id-twice",
      `${path}.vm.id`,
      `VM id ${node.vm.id} is also the id of ${other}; ids are unique in the whole Proxmox cluster, choose another`,
    );
  }
  vmIds.set(node.vm.id, name);
  if (hostKnown) checkBridge(draft, path, name, node);
}

function readMetal(
  draft: Draft,
  path: string,
  name: string,
  node: Node,
  metalHosts: Map<string, string>,
  hostKnown: boolean,
): void {
  const other = metalHosts.get(node.host);
  if (other !== undefined) {
    const message = `${node.host} is already node ${other}; on the metal a host is one node, name another`;
    draft.error("host-with-two-nodes", `${path}.host`, message);
  }
  metalHosts.set(node.host, name);
  if (node.vm !== undefined) {
    const message = `there is no Proxmox under ${name}; remove vm: or set platform: proxmox`;
    draft.error("vm-on-metal", `${path}.vm`, message);
  }
  if (hostKnown || node.install === undefined) readInstallDisk(draft, path, name, node);
}

function checkBridge(draft: Draft, path: string, name: string, node: Node): void {
  const host = draft.env.hosts[node.host];
  const bridgeName = node.vm?.bridge ?? "";
  if (host === undefined || !draft.known("bridge", bridgeName, host.bridges, `${path}.vm.bridge`)) return;
  for (const vlan of sortedTexts(Object.keys(node.addresses))) {
    if (draft.env.vlans[vlan] !== undefined && !host.bridges[bridgeName]?.vlans.includes(vlan)) {
      draft.error(
        "vlan-not-on-bridge",
        `${path}.addresses.${vlan}`,
        `${name} has an address on VLAN ${vlan} but ${bridgeName} of ${node.host} does not carry it; add ${vlan} to hosts.${node.host}.bridges.${bridgeName}.vlans`,
      );
    }
  }
}

/** The nodes as the Plan shows them. */
export function planNodes(draft: Draft, pods: PodPrefixes): NodePlan[] {
  const { env } = draft;
  const shared = sharedRoutes(draft, pods);
  return sortedEntries(env.nodes).map(([name, node]): NodePlan => {
    const interfaces =
      env.platform === "proxmox" ? vmInterfaces(draft, shared, node) : metalInterfaces(draft, shared, name, node);
    return {
      name,
      fqdn: `${name}.${env.dns.zone}`,
      role: node.role,
      host: node.host,
      managementAddress: node.addresses[env.roles.management] ?? "",
      nodeAddress: node.addresses[env.roles.nodes] ?? "",
      podPrefix: node.podPrefix,
      interfaces,
      routingRules: routingRules(draft, shared, node),
      labels: Object.fromEntries(sortedEntries({ ...node.labels, [zoneLabel]: zoneOf(env, node) })),
      ...planInstallDisk(env, node),
      encryption: planEncryption(env, name),
      holds: holdings(draft, node),
      retire: node.retire,
      keeps: identity(node),
      ...(node.vm === undefined ? {} : { vm: planVm(draft, name, node, node.vm, interfaces) }),
    };
  });
}

/** Another machine or role is another node; an address stands in etcd, in certificates and in the other nodes' routes. */
function identity({ host, role, vm, addresses }: Node): Record<string, string> {
  return {
    host,
    role,
    ...(vm === undefined ? {} : { "vm.id": String(vm.id) }),
    ...Object.fromEntries(sortedEntries(addresses).map(([vlan, address]) => [`addresses.${vlan}`, address])),
  };
}

function holdings({ env }: Draft, node: Node): string[] {
  const disks = Object.values(env.hosts[node.host]?.disks ?? {});
  const hasVolumes =
    env.linstor !== undefined && env.platform === "metal" && disks.some((disk) => disk.use === "linstor");
  return [...(node.role === "controlplane" ? ["a member of etcd"] : []), ...(hasVolumes ? ["LINSTOR volumes"] : [])];
}

function vmInterfaces(draft: Draft, shared: SharedRoutes, node: Node): NodeInterfacePlan[] {
  return nodeVlans(draft, node).map((vlan, i): NodeInterfacePlan => {
    const mtu = draft.vlans.get(vlan)?.mtu ?? 1500;
    return {
      kind: "ethernet",
      name: `eth${i}`,
      mtu,
      addresses: [`${node.addresses[vlan]}/${draft.vlans.get(vlan)?.prefix.length}`],
      routes: vlanRoutes(draft, shared, node, vlan),
    };
  });
}

function planVm(
  draft: Draft,
  name: string,
  node: Node,
  vm: NonNullable<Node["vm"]>,
  interfaces: readonly NodeInterfacePlan[],
): VmPlan {
  const { env } = draft;
  const nics = nodeVlans(draft, node).flatMap((vlanName, i): VmNicPlan[] => {
    const vlan = draft.vlans.get(vlanName);
    const link = interfaces[i];
    if (vlan === undefined || link === undefined) return [];
    const isDefault = vlanName === env.roles.management && vlan.gateway !== undefined;
    return [
      {
        name: link.name,
        bridge: vm.bridge,
        vlanId: vlan.id,
        mac: deriveMac(env.name, name, link.name),
        mtu: vlan.mtu,
        address: `${node.addresses[vlanName]}/${vlan.prefix.length}`,
        ...(isDefault ? { gateway: formatAddress(vlan.gateway) } : {}),
      },
    ];
  });
  return {
    id: vm.id,
    name,
    host: node.host,
    cores: vm.cores,
    memoryMiB: Math.round(vm.memoryGiB * 1024),
    diskGiB: vm.diskGiB,
    datastore: vm.datastore,
    nics,
    tags: [env.name, node.role, "talos"].sort(),
    dnsServers: env.dns.servers,
    zone: env.dns.zone,
    stopSeconds: planStopSeconds(draft),
  };
}
