// What the router must know: its own addresses, one route per node's pods, and which prefixes it masquerades to the internet.
import type { Draft } from "./draft.ts";
import { planLeases } from "./first-boot.ts";
import { contains, formatAddress, formatPrefix, parsePrefix } from "./ipv4.ts";
import type { NodePlan, RouterPlan } from "./plan.ts";

/** The router as the Plan shows it. */
export function planRouter(draft: Draft, nodes: readonly NodePlan[]): RouterPlan {
  const { env } = draft;
  const routed = [...draft.vlans.values()].filter((vlan) => vlan.gateway !== undefined).sort((a, b) => a.id - b.id);
  const nodesVlan = draft.vlans.get(env.roles.nodes);
  const staticRoutes =
    nodesVlan?.gateway === undefined
      ? []
      : nodes.map((node) => ({ name: `pods-${node.name}`, destination: node.podPrefix, via: node.nodeAddress }));
  const outside = staticRoutes.flatMap(({ destination }) => {
    const prefix = parsePrefix(destination);
    return prefix.ok && nodesVlan !== undefined && !contains(nodesVlan.prefix, prefix.value.network)
      ? [destination]
      : [];
  });
  return {
    name: env.router.name,
    os: env.router.os,
    interfaces: routed.map((vlan) => ({
      vlan: vlan.name,
      vlanId: vlan.id,
      address: `${formatAddress(vlan.gateway ?? 0)}/${vlan.prefix.length}`,
    })),
    staticRoutes,
    leases: planLeases(draft),
    masquerade: [...routed.map((vlan) => formatPrefix(vlan.prefix)), ...outside],
  };
}
