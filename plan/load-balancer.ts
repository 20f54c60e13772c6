// Load-balancer pools and the services with planned addresses.
import type { Environment } from "../config/schema.ts";
import type { Draft } from "./draft.ts";
import {
  contains,
  formatAddress,
  formatPrefix,
  formatRange,
  isNetworkOrBroadcast,
  overlaps,
  type Range,
  rangeOf,
} from "./ipv4.ts";
import { sortedEntries } from "./order.ts";
import type { LoadBalancerPlan, NodePlan } from "./plan.ts";
import type { PodPrefixes } from "./pod-prefixes.ts";

/** Pools that parsed, by name. */
export type Pools = ReadonlyMap<string, Range>;

/** Whether Prometheus runs: where it, or Grafana before it, has an address. */
export function runsPrometheus({ loadBalancer: { services } }: Environment): boolean {
  return services["prometheus"] !== undefined || services["grafana"] !== undefined;
}

/** Checks pools and services; claims the services' addresses. */
export function readLoadBalancer(draft: Draft, pods: PodPrefixes): Pools {
  const { env } = draft;
  const pools = new Map<string, Range>();
  for (const [name, pool] of sortedEntries(env.loadBalancer.pools)) {
    const path = `loadBalancer.pools.${name}`;
    const from = draft.address(pool.from, `${path}.from`);
    const to = draft.address(pool.to, `${path}.to`);
    if (from === undefined || to === undefined) continue;
    if (from > to) {
      draft.error("range-reversed", path, `${pool.from} comes after ${pool.to}; swap them`);
      continue;
    }
    const range = { from, to };
    for (const [other, otherRange] of pools) {
      if (!overlaps(range, otherRange)) continue;
      draft.error(
        "pool-overlap",
        path,
        `${formatRange(range)} overlaps pool ${other} (${formatRange(otherRange)}); one address could be given out twice`,
      );
    }
    pools.set(name, range);
    checkPool(draft, path, range, pods);
  }
  readServices(draft, pools);
  return pools;
}

function checkPool(draft: Draft, path: string, range: Range, pods: PodPrefixes): void {
  const vlan = draft.vlans.get(draft.env.roles.loadBalancer);
  if (vlan === undefined) return;
  const text = formatRange(range);
  if (!contains(vlan.prefix, range.from) || !contains(vlan.prefix, range.to)) {
    draft.error(
      "pool-outside-vlan",
      path,
      `${text} is not inside ${formatPrefix(vlan.prefix)} of VLAN ${vlan.name}; nobody would ask for these addresses there`,
    );
  } else if (isNetworkOrBroadcast(vlan.prefix, range.from) || isNetworkOrBroadcast(vlan.prefix, range.to)) {
    draft.error(
      "address-network-or-broadcast",
      path,
      `${text} contains the network or broadcast address of ${formatPrefix(vlan.prefix)}; no service may have it, shrink the pool`,
    );
  }
  for (const kept of vlan.ranges.filter((r) => r.use !== "static" && overlaps(range, r))) {
    draft.error(
      "pool-reserved",
      path,
      `${text} overlaps the ${kept.use} range ${formatRange(kept)} (${kept.path}); shrink one of them`,
    );
  }
  for (const [node, prefix] of pods) {
    if (!overlaps(range, rangeOf(prefix))) continue;
    draft.error(
      "pool-overlaps-pods",
      path,
      `${text} overlaps the pods of ${node} (${formatPrefix(prefix)}); a pod and a service would get one address`,
    );
  }
  for (const claim of draft.claimed()) {
    if (claim.address < range.from || claim.address > range.to) continue;
    draft.error(
      "pool-holds-address",
      path,
      `${text} contains ${formatAddress(claim.address)} of ${claim.owner} (${claim.path}); the pool could give it out again, move one of them`,
    );
  }
}

function readServices(draft: Draft, pools: Pools): void {
  const ranges = [...pools.values()];
  for (const [name, service] of sortedEntries(draft.env.loadBalancer.services)) {
    const path = `loadBalancer.services.${name}.address`;
    const address = draft.address(service.address, path);
    if (address === undefined) continue;
    draft.claim(address, `service ${name}`, path, draft.env.roles.loadBalancer);
    if (!ranges.some((pool) => address >= pool.from && address <= pool.to)) {
      draft.error(
        "service-outside-pool",
        path,
        `${service.address} of service ${name} is in no pool (${ranges.map(formatRange).join(", ") || "there is none"}); choose one inside`,
      );
    }
  }
}

/** The pools and services as the Plan shows them. */
export function planLoadBalancer(draft: Draft, pools: Pools, nodes: readonly NodePlan[]): LoadBalancerPlan {
  const { env } = draft;
  const services = sortedEntries(env.loadBalancer.services).map(([name, service]) => ({
    name,
    address: service.address,
    ports: [...service.ports].sort((a, b) => a - b),
    fqdn: `${service.hostname ?? name}.${env.dns.zone}`,
    ...(service.purpose === undefined ? {} : { purpose: service.purpose }),
  }));
  const planned = sortedEntries(Object.fromEntries(pools)).map(([name, range]) => ({
    name,
    range: formatRange(range),
    size: range.to - range.from + 1,
    autoAssign: env.loadBalancer.pools[name]?.autoAssign ?? true,
  }));
  const node = nodes[0];
  const address = env.nodes[node?.name ?? ""]?.addresses[env.roles.loadBalancer];
  return {
    pools: planned,
    interface: node?.interfaces.find((link) => link.addresses.some((a) => a.startsWith(`${address}/`)))?.name ?? "",
    services,
    available: planned.reduce((sum, pool) => sum + pool.size, 0) - services.length,
  };
}
