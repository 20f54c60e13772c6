// What each node answers, and to whom: the ingress firewall of Talos, derived from what the description runs. Everything else that knocks
// at an address of a node is dropped, whatever network it comes by: a network without a gateway is no wall for a neighbour of the node.
import type { Draft } from "./draft.ts";
import { membersOf, parseMember, zoneNames } from "./firewall.ts";
import { formatPrefix } from "./ipv4.ts";
import { runsPrometheus } from "./load-balancer.ts";
import { compareText, sortedEntries } from "./order.ts";
import type { IngressRulePlan, NodePlan } from "./plan.ts";
import { prefixesOf } from "./prefix-cover.ts";

/** Where node-exporter answers, on nodes and on hosts. */
export const nodeExporterPort = 9100;

const anywhere = "0.0.0.0/0";

/** Checks `talos.ingressFirewall`. */
export function readIngress(draft: Draft): void {
  const { env } = draft;
  const { operators } = env.talos.ingressFirewall ?? {};
  if (operators === undefined) return;
  const zones = new Set(zoneNames(env));
  const known = operators.map((zone, i) => draft.known("zone", zone, zones, `talos.ingressFirewall.operators[${i}]`));
  if (known.includes(false)) return;
  const isOpen = operators.some((zone) => zone === "any" || zone === "internet");
  if (isOpen) {
    draft.warn(
      "ingress-open",
      "talos.ingressFirewall.operators",
      "the Talos and Kubernetes APIs of every node answer to anybody; name the networks you work from",
    );
  } else if (operators.every((zone) => membersOf(draft, zone).length === 0)) {
    draft.error(
      "ingress-without-operators",
      "talos.ingressFirewall.operators",
      `${operators.join(", ")} ${operators.length === 1 ? "has" : "have"} no address, so nobody could reach the nodes any more, this program included; name the network you work from`,
    );
  }
}

/** The rules by node; undefined: no firewall. */
export function planIngress(draft: Draft, nodes: readonly NodePlan[]): readonly IngressRulePlan[] | undefined {
  const { env } = draft;
  if (env.talos.ingressFirewall === undefined) return undefined;
  const operators = sources(env.talos.ingressFirewall.operators.flatMap((zone) => membersOrAll(draft, zone)));
  const ring = sortedEntries(env.usb4Ring?.members ?? {}).map(([, address]) => address);
  const others = (env.linstor === undefined ? [] : networksOf(draft)).flatMap((network) =>
    sortedEntries(env.nodes).flatMap(([, node]) => node.addresses[network] ?? []),
  );
  const own = nodes.flatMap(({ managementAddress, nodeAddress }) => [managementAddress, nodeAddress]);
  const peers = sources(own);
  const pods = sources(nodes.map(({ podPrefix }) => podPrefix));
  const members = sources(
    nodes.filter(({ role }) => role === "controlplane").map(({ managementAddress }) => managementAddress),
  );
  const everywhere = (name: string, ports: IngressRulePlan["ports"], from: readonly string[]): IngressRulePlan => ({
    name,
    protocol: "tcp",
    ports,
    from: sources(from),
    controlPlanesOnly: false,
  });
  const onControlPlanes = (
    name: string,
    ports: IngressRulePlan["ports"],
    from: readonly string[],
  ): IngressRulePlan => ({
    ...everywhere(name, ports, from),
    controlPlanesOnly: true,
  });
  return [
    // Pods that may ask Talos (etcd's backup) ask a control plane.
    everywhere("apid", ["50000"], [...operators, ...peers, ...pods]),
    onControlPlanes("trustd", ["50001"], peers),
    onControlPlanes("kubernetes-api", ["6443"], [...operators, ...peers, ...pods]),
    onControlPlanes("etcd", ["2379-2380"], members),
    everywhere("kubelet", ["10250"], [...peers, ...pods]),
    // The agents' health checks, and the observations that one agent asks another for.
    everywhere("cilium", ["4240", "4244"], peers),
    // MetalLB's speakers tell each other who is alive.
    everywhere("metallb", ["7946"], peers),
    { ...everywhere("metallb-udp", ["7946"], peers), protocol: "udp" },
    ...(env.linstor === undefined
      ? []
      : [
          // The controller is a pod; satellites use the host's network.
          everywhere("linstor-satellite", ["3366-3367"], [...peers, ...pods]),
          // LINSTOR gives DRBD ports from 7000 on; before a connection names a network it is the nodes' own.
          everywhere("drbd", ["7000-7999"], [...peers, ...ring, ...others]),
        ]),
    // node-exporter and the agents' metrics.
    ...(runsPrometheus(env) ? [everywhere("metrics", [String(nodeExporterPort), "9962-9964"], pods)] : []),
  ];
}

function networksOf({ env }: Draft): string[] {
  const { network, betweenZones } = env.linstor ?? {};
  return [network, betweenZones?.network].filter((name) => name !== undefined);
}

const membersOrAll = (draft: Draft, zone: string): readonly string[] =>
  zone === "any" || zone === "internet" ? [anywhere] : membersOf(draft, zone);

/** Members of zones as prefixes, each once, sorted. What is none is a problem of its own. */
function sources(members: readonly string[]): readonly string[] {
  if (members.includes(anywhere)) return [anywhere];
  const prefixes = members.flatMap((member) => {
    const range = parseMember(member);
    return range === undefined ? [] : prefixesOf(range).map(formatPrefix);
  });
  return [...new Set(prefixes)].sort(compareText);
}
