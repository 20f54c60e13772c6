// Talos nodes: addresses, pods, interfaces, policy routing, and the virtual machine underneath.
import type { Environment } from "../config/schema.ts";
import type { Draft, DraftVlan } from "./draft.ts";
import {
  contains,
  formatAddress,
  formatPrefix,
  overlaps,
  type Prefix,
  parsePrefix,
  rangeOf,
  usableOf,
} from "./ipv4.ts";
import { deriveMac } from "./mac.ts";
import { metalInterfaces } from "./metal-links.ts";
import { sortedEntries } from "./order.ts";
import type { NodeInterfacePlan, NodePlan, RoutePlan, RoutingRulePlan, VmNicPlan, VmPlan } from "./plan.ts";

type Node = Environment["nodes"][string];

/** Table numbers are 100 + a small constant: free of Talos's, Cilium's (2004, 2005) and the kernel's own. */
const managementTable = 116;
const nodesTable = 128;
/** Up to 99 pod prefixes of other nodes fit between nodesVlan and nodesAndPods. Priorities stay clear of Cilium's (9, 10, 20, 100, 109-112; pkg/datapath/linux/linux_defaults) and Talos's 32500/32501. */
const priorities = { ownPods: 700, management: 800, nodesVlan: 900, nodesAndPods: 1000 } as const;

/** Prefixes of the nodes' pods that parsed, by node. */
export type PodPrefixes = ReadonlyMap<string, Prefix>;

/** Checks all nodes and claims their addresses. */
export function readNodes(draft: Draft): PodPrefixes {
  const { env } = draft;
  const pods = new Map<string, Prefix>();
  const vmIds = new Map<number, string>();
  const metalHosts = new Map<string, string>();
  for (const [name, node] of sortedEntries(env.nodes)) {
    const path = `nodes.${name}`;
    const hostKnown = draft.known("host", node.host, Object.keys(env.hosts), `${path}.host`);
    for (const role of new Set([env.roles.management, env.roles.nodes])) {
      if (node.addresses[role] === undefined)
        draft.error(
          "node-without-address",
          `${path}.addresses`,
          `${name} has no address on VLAN ${role}; every node needs one there`,
        );
    }
    for (const [vlan, address] of sortedEntries(node.addresses)) {
      const where = `${path}.addresses.${vlan}`;
      if (draft.known("vlan", vlan, Object.keys(env.vlans), where)) draft.claimOn(vlan, address, name, where);
    }
    if (env.platform === "proxmox") {
      if (node.vm === undefined)
        draft.error("node-without-vm", path, `${name} has no vm: block; on Proxmox a node is a virtual machine`);
      else {
        const other = vmIds.get(node.vm.id);
        if (other !== undefined)
          draft.error(
            "vm-id-twice",
            `${path}.vm.id`,
            `VM id ${node.vm.id} is also the id of ${other}; ids are unique in the whole Proxmox cluster`,
          );
        vmIds.set(node.vm.id, name);
        if (hostKnown) checkBridge(draft, path, name, node);
      }
    } else {
      const other = metalHosts.get(node.host);
      if (other !== undefined)
        draft.error(
          "host-with-two-nodes",
          `${path}.host`,
          `${node.host} is already node ${other}; on the metal a host is one node`,
        );
      metalHosts.set(node.host, name);
      if (node.vm !== undefined)
        draft.error(
          "vm-on-metal",
          `${path}.vm`,
          `there is no Proxmox under ${name}; remove vm: or set platform: proxmox`,
        );
      if (node.install === undefined)
        draft.error(
          "node-without-install-disk",
          path,
          `${name} does not say which disk Talos is installed on; add install: { disk: … }`,
        );
      else if (hostKnown)
        draft.known("disk", node.install.disk, Object.keys(env.hosts[node.host]?.disks ?? {}), `${path}.install.disk`);
    }
    const prefix = draft.prefix(node.podPrefix, `${path}.podPrefix`);
    if (prefix === undefined) continue;
    pods.set(name, prefix);
    if (usableOf(prefix) < env.cluster.maxPodsPerNode) {
      draft.error(
        "pod-prefix-too-small",
        `${path}.podPrefix`,
        `${node.podPrefix} has ${usableOf(prefix)} addresses for up to ${env.cluster.maxPodsPerNode} pods; use a larger prefix or lower cluster.maxPodsPerNode`,
      );
    }
  }
  checkPodPrefixes(draft, pods);
  return pods;
}

function checkBridge(draft: Draft, path: string, name: string, node: Node): void {
  const host = draft.env.hosts[node.host];
  const bridgeName = node.vm?.bridge ?? "";
  if (host === undefined || !draft.known("bridge", bridgeName, Object.keys(host.bridges), `${path}.vm.bridge`)) return;
  for (const vlan of Object.keys(node.addresses).sort()) {
    if (draft.env.vlans[vlan] !== undefined && !host.bridges[bridgeName]?.vlans.includes(vlan)) {
      draft.error(
        "vlan-not-on-bridge",
        `${path}.addresses.${vlan}`,
        `${name} has an address on VLAN ${vlan} but ${bridgeName} of ${node.host} does not carry it; add ${vlan} to hosts.${node.host}.bridges.${bridgeName}.vlans`,
      );
    }
  }
}

/** Pods may share no address with other pods, with anything that has an address, or with another network. */
function checkPodPrefixes(draft: Draft, pods: PodPrefixes): void {
  const sorted = [...pods].sort(([, a], [, b]) => a.network - b.network);
  sorted.forEach(([name, prefix], i) => {
    const next = sorted[i + 1];
    if (next !== undefined && overlaps(rangeOf(prefix), rangeOf(next[1]))) {
      draft.error(
        "pod-prefix-overlap",
        `nodes.${next[0]}.podPrefix`,
        `${formatPrefix(next[1])} overlaps the pods of ${name} (${formatPrefix(prefix)}); two pods would get one address`,
      );
    }
  });
  const claims = [...draft.claimed()].sort((a, b) => a.address - b.address);
  let at = 0;
  for (const [name, prefix] of sorted) {
    const range = rangeOf(prefix);
    while (at < claims.length && (claims[at]?.address ?? 0) < range.from) at += 1;
    for (let i = at; i < claims.length; i += 1) {
      const claim = claims[i];
      if (claim === undefined || claim.address > range.to) break;
      draft.error(
        "pod-prefix-holds-address",
        `nodes.${name}.podPrefix`,
        `${formatPrefix(prefix)} contains ${formatAddress(claim.address)} of ${claim.owner} (${claim.path}); a pod could get it too, use a part of the VLAN where nothing else lives`,
      );
    }
    for (const vlan of draft.vlans.values()) {
      const inside = overlaps(range, rangeOf(vlan.prefix));
      if (inside && vlan.name !== draft.env.roles.nodes) {
        draft.error(
          "pod-prefix-in-other-vlan",
          `nodes.${name}.podPrefix`,
          `${formatPrefix(prefix)} overlaps VLAN ${vlan.name} (${formatPrefix(vlan.prefix)}); pods belong to VLAN ${draft.env.roles.nodes} or to a prefix of their own`,
        );
      }
      if (!inside) continue;
      for (const kept of vlan.ranges.filter((r) => r.use !== "static" && overlaps(range, r))) {
        draft.error(
          "pod-prefix-reserved",
          `nodes.${name}.podPrefix`,
          `${formatPrefix(prefix)} overlaps the ${kept.use} range ${formatAddress(kept.from)}-${formatAddress(kept.to)} (${kept.path})`,
        );
      }
    }
  }
}

/** The nodes as the Plan shows them. */
export function planNodes(draft: Draft): NodePlan[] {
  const { env } = draft;
  return sortedEntries(env.nodes).map(([name, node]): NodePlan => {
    const host = env.hosts[node.host];
    const interfaces = env.platform === "proxmox" ? vmInterfaces(draft, node) : metalInterfaces(draft, name, node);
    return {
      name,
      fqdn: `${name}.${env.dns.zone}`,
      role: node.role,
      host: node.host,
      managementAddress: node.addresses[env.roles.management] ?? "",
      nodeAddress: node.addresses[env.roles.nodes] ?? "",
      podPrefix: node.podPrefix,
      interfaces,
      routingRules: routingRules(draft, node),
      labels: { "topology.kubernetes.io/zone": node.host, ...node.labels },
      installDisk: node.vm !== undefined ? "/dev/sda" : (host?.disks[node.install?.disk ?? ""]?.device ?? ""),
      ...(node.vm === undefined ? {} : { vm: planVm(draft, name, node, node.vm, interfaces) }),
    };
  });
}

/** VLANs of a node in the order of its NICs: management is net0, nodes net1, the rest by id. */
export function nodeVlans(draft: Draft, node: Node): string[] {
  const rank = (vlan: string): number =>
    vlan === draft.env.roles.management ? -2 : vlan === draft.env.roles.nodes ? -1 : (draft.vlans.get(vlan)?.id ?? 0);
  return Object.keys(node.addresses)
    .filter((vlan) => draft.vlans.has(vlan))
    .sort((a, b) => rank(a) - rank(b));
}

function vmInterfaces(draft: Draft, node: Node): NodeInterfacePlan[] {
  return nodeVlans(draft, node).map((vlan, i): NodeInterfacePlan => {
    const mtu = draft.vlans.get(vlan)?.mtu ?? 1500;
    return {
      kind: "ethernet",
      name: `eth${i}`,
      mtu,
      addresses: [`${node.addresses[vlan]}/${draft.vlans.get(vlan)?.prefix.length}`],
      routes: vlanRoutes(draft, node, vlan),
    };
  });
}

/** Routes of a node on one VLAN: default by the management gateway, one table a VLAN for what must go back the way it came. */
export function vlanRoutes(draft: Draft, node: Node, vlanName: string): RoutePlan[] {
  const { env } = draft;
  const vlan = draft.vlans.get(vlanName);
  if (vlan === undefined) return [];
  const gateway = vlan.gateway === undefined ? undefined : formatAddress(vlan.gateway);
  const routes: RoutePlan[] = [];
  if (vlanName === env.roles.management) {
    if (gateway !== undefined) routes.push({ gateway });
    const ceph = cephRoutes(draft, node);
    routes.push(...ceph);
    if (needsPolicyRouting(draft)) {
      // Once a socket is bound to the management address its packets are looked up here, so Ceph's hosts must be here too.
      routes.push(...ceph.map((route) => ({ ...route, table: managementTable })));
      routes.push({ destination: formatPrefix(vlan.prefix), table: managementTable });
      if (gateway !== undefined) routes.push({ gateway, table: managementTable });
    }
  } else if (vlanName === env.roles.nodes && gateway !== undefined) {
    routes.push({ gateway, table: nodesTable });
  }
  return routes;
}

/** A node without a leg in the storage VLAN reaches each Ceph daemon by its host's own management address: one hop, no router. */
function cephRoutes(draft: Draft, node: Node): RoutePlan[] {
  const { env } = draft;
  const ceph = env.ceph;
  if (
    ceph === undefined ||
    env.platform !== "proxmox" ||
    node.addresses[ceph.vlan] !== undefined ||
    ceph.vlan === env.roles.management
  )
    return [];
  return sortedEntries(env.hosts).flatMap(([, host]) => {
    const storage = host.addresses[ceph.vlan];
    const management = host.addresses[env.roles.management];
    return storage === undefined || management === undefined
      ? []
      : [{ destination: `${storage.address}/32`, gateway: management.address }];
  });
}

/** Two routed networks on one node: answers must leave by the one the question came from. */
function needsPolicyRouting(draft: Draft): boolean {
  const { nodes, management } = draft.env.roles;
  return nodes !== management && draft.vlans.get(nodes)?.gateway !== undefined;
}

/** What comes from the workload addresses leaves by the workload VLAN, so that the router's rules cannot be stepped around. */
function routingRules(draft: Draft, node: Node): RoutingRulePlan[] {
  const { roles } = draft.env;
  const vlan = draft.vlans.get(roles.nodes);
  const management = node.addresses[roles.management];
  const own = node.addresses[roles.nodes];
  if (vlan === undefined || management === undefined || own === undefined || !needsPolicyRouting(draft)) return [];
  const rules: RoutingRulePlan[] = [
    { priority: priorities.ownPods, destination: node.podPrefix, table: "main" },
    { priority: priorities.management, source: `${management}/32`, table: String(managementTable) },
    { priority: priorities.nodesVlan, destination: formatPrefix(vlan.prefix), table: "main" },
    ...foreignPods(draft, vlan).map((destination, i) => ({
      priority: priorities.nodesVlan + 1 + i,
      destination,
      table: "main",
    })),
    { priority: priorities.nodesAndPods, source: `${own}/32`, table: String(nodesTable) },
    { priority: priorities.nodesAndPods + 1, source: node.podPrefix, table: String(nodesTable) },
  ];
  return rules;
}

/** Pod prefixes outside the VLAN: they too are reached through their node and not through the router. */
function foreignPods(draft: Draft, vlan: DraftVlan): string[] {
  return sortedEntries(draft.env.nodes).flatMap(([, node]) => {
    const prefix = parsePrefix(node.podPrefix);
    return prefix.ok && !contains(vlan.prefix, prefix.value.network) ? [node.podPrefix] : [];
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
  };
}
