// Routes and routing rules of a node: each answer leaves by the network the question came from.
import type { Environment } from "../config/schema.ts";
import type { Draft, DraftVlan } from "./draft.ts";
import { contains, formatAddress, formatPrefix, lastOf, parsePrefix, type Range, rangeOf } from "./ipv4.ts";
import { sortedEntries } from "./order.ts";
import type { RoutePlan, RoutingRulePlan } from "./plan.ts";
import type { PodPrefixes } from "./pod-prefixes.ts";
import { prefixesOf } from "./prefix-cover.ts";
import { type RingEnds, ringEnds } from "./ring-routes.ts";

type Node = Environment["nodes"][string];

/** Table numbers are 100 + a small constant: free of Talos's, Cilium's (2004, 2005) and the kernel's own. */
const managementTable = 116;
const nodesTable = 128;
const servicesTable = 130;
/** Clear of Cilium's (9, 10, 20, 100, 109-112; pkg/datapath/linux/linux_defaults) and of Talos's 32500 and 32501. */
const priorities = { ownPods: 700, management: 800, nodesVlan: 900, nodesAndPods: 1000, services: 1100 } as const;
/** As many prefixes fit before the next hundred. */
const maxForeignPods = 99;

/** What is the same for every node; computed once, since there may be thousands. */
export interface SharedRoutes {
  /** To each Ceph daemon by its host's own management address: one hop, no router. */
  readonly ceph: readonly RoutePlan[];
  /** The same in the table of what is bound to a node's management address. */
  readonly cephOfManagement: readonly RoutePlan[];
  /** To pod prefixes outside the nodes VLAN: they too are reached through their node and not through the router. */
  readonly foreignPods: readonly RoutingRulePlan[];
  readonly ring: RingEnds;
}

/** Computes what all nodes share, and checks that there are not too many scattered pod prefixes. */
export function sharedRoutes(draft: Draft, pods: PodPrefixes): SharedRoutes {
  const vlan = draft.vlans.get(draft.env.roles.nodes);
  const foreignPods = vlan === undefined || !needsPolicyRouting(draft) ? [] : outsidePods(vlan, pods);
  if (foreignPods.length > maxForeignPods) {
    draft.error(
      "pod-prefixes-scattered",
      "nodes",
      `the pod prefixes outside VLAN ${draft.env.roles.nodes} make ${foreignPods.length} routing rules on every node and ${maxForeignPods} fit; choose neighbouring prefixes, those are joined`,
    );
  }
  const ceph = cephRoutes(draft);
  const first = nodesPriority(draft) + 1;
  return {
    ceph,
    cephOfManagement: ceph.map((route) => ({ ...route, table: managementTable })),
    foreignPods: foreignPods.map((destination, i) => ({
      priority: first + i,
      destination,
      table: "main",
    })),
    ring: ringEnds(draft),
  };
}

function outsidePods(vlan: DraftVlan, pods: PodPrefixes): string[] {
  const ranges: Range[] = [];
  const outside = [...pods.values()].filter((prefix) => !contains(vlan.prefix, prefix.network));
  for (const prefix of outside.sort((a, b) => a.network - b.network)) {
    const last = ranges.at(-1);
    if (last !== undefined && prefix.network <= last.to + 1) {
      ranges[ranges.length - 1] = { from: last.from, to: Math.max(last.to, lastOf(prefix)) };
    } else ranges.push(rangeOf(prefix));
  }
  return ranges.flatMap(prefixesOf).map(formatPrefix);
}

function cephRoutes(draft: Draft): RoutePlan[] {
  const { ceph, platform, hosts, roles } = draft.env;
  if (ceph === undefined || platform !== "proxmox" || ceph.vlan === roles.management) return [];
  const monitors = new Set(ceph.monitors);
  return sortedEntries(hosts).flatMap(([name, host]) => {
    const isDaemon = monitors.has(name) || Object.values(host.disks).some((disk) => disk.use === "osd");
    const storage = host.addresses[ceph.vlan];
    const management = host.addresses[roles.management];
    if (!isDaemon || storage === undefined || management === undefined) return [];
    return [{ destination: `${storage.address}/32`, gateway: management.address }];
  });
}

/** Routes of a node on one VLAN: default by the management gateway, one table a VLAN for what must go back the way it came. */
export function vlanRoutes(draft: Draft, shared: SharedRoutes, node: Node, vlanName: string): RoutePlan[] {
  const { env } = draft;
  const vlan = draft.vlans.get(vlanName);
  if (vlan === undefined) return [];
  const gateway = vlan.gateway === undefined ? undefined : formatAddress(vlan.gateway);
  if (vlanName !== env.roles.management) {
    if (vlanName === servicesVlan(draft)?.name)
      return [
        { destination: formatPrefix(vlan.prefix), table: servicesTable },
        ...(gateway === undefined ? [] : [{ gateway, table: servicesTable }]),
      ];
    return vlanName === env.roles.nodes && gateway !== undefined ? [{ gateway, table: nodesTable }] : [];
  }
  // A node with a leg in the storage VLAN needs no way round.
  const isAround = node.addresses[env.ceph?.vlan ?? ""] === undefined;
  const routes: RoutePlan[] = [...(gateway === undefined ? [] : [{ gateway }]), ...(isAround ? shared.ceph : [])];
  if (!needsPolicyRouting(draft)) return routes;
  // Once a socket is bound to the management address its packets are looked up in this table, so Ceph's hosts must be there too.
  if (isAround) routes.push(...shared.cephOfManagement);
  routes.push({ destination: formatPrefix(vlan.prefix), table: managementTable });
  if (gateway !== undefined) routes.push({ gateway, table: managementTable });
  return routes;
}

/** Two routed networks on one node: answers must leave by the one the question came from. */
function needsPolicyRouting(draft: Draft): boolean {
  return isNodesVlanApart(draft) || servicesVlan(draft) !== undefined;
}

function isNodesVlanApart(draft: Draft): boolean {
  const { nodes, management } = draft.env.roles;
  return nodes !== management && draft.vlans.get(nodes)?.gateway !== undefined;
}

/** Where the nodes' own network comes: before the rule of the management addresses, where those are the nodes' own. */
const nodesPriority = ({ env: { roles } }: Draft): number =>
  roles.nodes === roles.management ? priorities.ownPods : priorities.nodesVlan;

/** The load balancer's network where it is a routed one of its own. */
function servicesVlan(draft: Draft): DraftVlan | undefined {
  const { nodes, management, loadBalancer } = draft.env.roles;
  const vlan = loadBalancer === nodes || loadBalancer === management ? undefined : draft.vlans.get(loadBalancer);
  return vlan?.gateway === undefined ? undefined : vlan;
}

function isOutside(vlan: DraftVlan, { podPrefix }: Node): boolean {
  const pods = parsePrefix(podPrefix);
  return pods.ok && !contains(vlan.prefix, pods.value.network);
}

/** What comes from the workload addresses leaves by the workload VLAN, so that the router's rules cannot be stepped around. */
export function routingRules(draft: Draft, shared: SharedRoutes, node: Node): RoutingRulePlan[] {
  const { roles } = draft.env;
  const vlan = draft.vlans.get(roles.nodes);
  const management = node.addresses[roles.management];
  if (vlan === undefined || management === undefined || !needsPolicyRouting(draft)) return [];
  const services = servicesVlan(draft);
  const ownPods = { priority: priorities.ownPods, destination: node.podPrefix, table: "main" };
  const byManagement = { priority: priorities.management, source: `${management}/32`, table: String(managementTable) };
  const toNodes = [
    { priority: nodesPriority(draft), destination: formatPrefix(vlan.prefix), table: "main" },
    ...shared.foreignPods,
  ];
  return [
    ...(roles.nodes === roles.management ? [...toNodes, byManagement] : [ownPods, byManagement, ...toNodes]),
    ...(isNodesVlanApart(draft)
      ? [
          // The whole network: Cilium looks for the way of a service's answer with the service's address, which is nobody's own.
          { priority: priorities.nodesAndPods, source: formatPrefix(vlan.prefix), table: String(nodesTable) },
          ...(isOutside(vlan, node)
            ? [{ priority: priorities.nodesAndPods + 1, source: node.podPrefix, table: String(nodesTable) }]
            : []),
        ]
      : []),
    // By now it is clear that the packet is not for a node or a pod.
    ...(services === undefined
      ? []
      : [{ priority: priorities.services, source: formatPrefix(services.prefix), table: String(servicesTable) }]),
  ];
}
