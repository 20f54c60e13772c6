// Which hosts still reach each other on a VLAN when something has failed.
import type { Plan, VlanPlan } from "./plan.ts";
import type { Wiring } from "./wiring.ts";

/** What can fail. */
export interface Failure {
  readonly kind: "cable" | "ring cable" | "switch" | "uplink" | "router" | "rack" | "host" | "disk";
  /** What a person would call it. */
  readonly name: string;
  readonly wires: ReadonlySet<string>;
  readonly switches: ReadonlySet<string>;
  readonly uplinks: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
  readonly disk?: { readonly host: string; readonly name: string };
  readonly ringCable?: number;
}

/** Hosts that reach each other, group by group. */
export type Groups = readonly ReadonlySet<string>[];

/** Devices without a port table of their own (core switch, router) count as one, as everywhere in the plan. */
const outside = "outside";

/** The hosts on a VLAN in groups that are joined by what is left of cables, switches and uplinks. */
export function reachableHosts(plan: Plan, wiring: Wiring, failure: Failure, vlan: VlanPlan): Groups {
  const links: [string, string][] = [];
  for (const { host, nic, switchName } of wiring.wires) {
    const isUp = !failure.wires.has(`${host}/${nic}`) && !failure.switches.has(switchName) && !failure.hosts.has(host);
    if (isUp && wiring.nics.get(host)?.get(vlan.id)?.includes(nic))
      links.push([`host ${host}`, `switch ${switchName}`]);
  }
  const switches = new Set(plan.switches.map((device) => device.name));
  for (const { switchName, port, to, vlanIds } of wiring.uplinks) {
    const isUp =
      !failure.uplinks.has(`${switchName}/${port}`) && !failure.switches.has(switchName) && !failure.switches.has(to);
    if (isUp && vlanIds.includes(vlan.id))
      links.push([`switch ${switchName}`, switches.has(to) ? `switch ${to}` : outside]);
  }
  return groupsOf(links);
}

function groupsOf(links: readonly (readonly [string, string])[]): Groups {
  const parents = new Map<string, string>();
  const root = (name: string): string => {
    let at = name;
    for (let next = parents.get(at); next !== undefined && next !== at; next = parents.get(at)) at = next;
    return at;
  };
  for (const [a, b] of links) parents.set(root(a), root(b));
  const groups = new Map<string, Set<string>>();
  for (const [name] of links) {
    if (!name.startsWith("host ")) continue;
    const group = groups.get(root(name)) ?? new Set();
    groups.set(root(name), group.add(name.slice("host ".length)));
  }
  return [...groups.values()];
}

/** The group that goes on working; empty where nobody is left. A host that reaches nobody but its switch is a group of one. */
export function largestGroup(groups: Groups): ReadonlySet<string> {
  return groups.reduce<ReadonlySet<string>>(
    (largest, group) => (group.size > largest.size ? group : largest),
    new Set(),
  );
}
