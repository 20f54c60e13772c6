// Racks as zones: what stands in one rack is lost together, by its power or by its switch.
import type { Environment } from "../config/schema.ts";
import type { Draft } from "./draft.ts";
import { compareText, sortedEntries } from "./order.ts";

type Node = Environment["nodes"][string];

/** The label of Kubernetes that says in which zone a node is. */
export const zoneLabel = "topology.kubernetes.io/zone";

/** Zone of a node: as its labels say, else its rack, else its host. */
export function zoneOf({ hosts }: Environment, { labels, host }: Node): string {
  return labels[zoneLabel] ?? hosts[host]?.rack ?? host;
}

/** Checks that no one rack has so many control planes that etcd ends with it. */
export function checkZones(draft: Draft): void {
  const { hosts, nodes } = draft.env;
  const byRack = new Map<string, string[]>();
  const members = sortedEntries(nodes).filter(([, node]) => node.role === "controlplane");
  for (const [name, { host }] of members) {
    const rack = hosts[host]?.rack;
    if (rack !== undefined) byRack.set(rack, [...(byRack.get(rack) ?? []), name]);
  }
  // Fewer than three survive no failure anyway.
  if (members.length < 3) return;
  for (const [rack, names] of [...byRack].sort(([a], [b]) => compareText(a, b))) {
    if (names.length * 2 < members.length) continue;
    draft.warn(
      "control-planes-one-rack",
      "nodes",
      `${names.join(", ")} stand in ${rack}, ${names.length} of ${members.length} control planes: when its power or its switch fails, etcd has no majority and the Kubernetes API takes no change; put them into different racks, no more than ${Math.floor((members.length - 1) / 2)} into one`,
    );
  }
}
