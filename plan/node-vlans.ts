// The order of a node's networks: it names eth0 and eth1, so it must not depend on the order of anything written.
import type { Environment } from "../config/schema.ts";
import type { Draft } from "./draft.ts";

type Node = Environment["nodes"][string];

/** VLANs of a node in the order of its NICs: management is net0, nodes net1, the rest by id. */
export function nodeVlans(draft: Draft, node: Node): string[] {
  const rank = (vlan: string): number =>
    vlan === draft.env.roles.management ? -2 : vlan === draft.env.roles.nodes ? -1 : (draft.vlans.get(vlan)?.id ?? 0);
  return Object.keys(node.addresses)
    .filter((vlan) => draft.vlans.has(vlan))
    .sort((a, b) => rank(a) - rank(b));
}
