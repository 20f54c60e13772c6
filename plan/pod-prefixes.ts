// Pods: one prefix a node, which shares no address with other pods, with anything that has an address, or with another network.
import type { Draft } from "./draft.ts";
import { formatAddress, formatPrefix, formatRange, lastOf, overlaps, type Prefix, rangeOf } from "./ipv4.ts";
import { compareText } from "./order.ts";

/** Prefixes of the nodes' pods that parsed, by node. */
export type PodPrefixes = ReadonlyMap<string, Prefix>;
type NodePrefix = readonly [node: string, prefix: Prefix];

/** Checks all of them; everything else must have claimed its address before, load-balancer services apart. */
export function checkPodPrefixes(draft: Draft, pods: PodPrefixes): void {
  const sorted = [...pods].sort(
    ([a, one], [b, other]) => one.network - other.network || one.length - other.length || compareText(a, b),
  );
  checkOverlaps(draft, sorted);
  checkClaims(draft, sorted);
  for (const one of sorted) checkVlans(draft, one);
}

function checkOverlaps(draft: Draft, sorted: readonly NodePrefix[]): void {
  let widest: NodePrefix | undefined;
  for (const one of sorted) {
    const [name, prefix] = one;
    if (widest !== undefined && overlaps(rangeOf(prefix), rangeOf(widest[1]))) {
      draft.error(
        "pod-prefix-overlap",
        `nodes.${name}.podPrefix`,
        `${formatPrefix(prefix)} overlaps the pods of ${widest[0]} (${formatPrefix(widest[1])}); two pods would get one address`,
      );
    }
    if (widest === undefined || lastOf(prefix) > lastOf(widest[1])) widest = one;
  }
}

function checkClaims(draft: Draft, sorted: readonly NodePrefix[]): void {
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
  }
}

function checkVlans(draft: Draft, [name, prefix]: NodePrefix): void {
  const range = rangeOf(prefix);
  const path = `nodes.${name}.podPrefix`;
  for (const vlan of draft.vlansIn(range)) {
    if (vlan.name !== draft.env.roles.nodes) {
      // A VLAN that overlaps another was reported; which of the two the pods mean is not to be told.
      if (draft.vlansOverlap) continue;
      draft.error(
        "pod-prefix-in-other-vlan",
        path,
        `${formatPrefix(prefix)} overlaps VLAN ${vlan.name} (${formatPrefix(vlan.prefix)}); pods belong to VLAN ${draft.env.roles.nodes} or to a prefix of their own`,
      );
      continue;
    }
    for (const kept of vlan.ranges.filter((r) => r.use !== "static" && overlaps(range, r))) {
      draft.error(
        "pod-prefix-reserved",
        path,
        `${formatPrefix(prefix)} overlaps the ${kept.use} range ${formatRange(kept)} (${kept.path}); choose another or shrink the range`,
      );
    }
  }
}
