// VLANs: ids, prefixes, gateways, ranges. Everything else asks here which prefix a VLAN has.

import type { Draft, DraftVlan } from "./draft.ts";
import {
  contains,
  formatAddress,
  formatPrefix,
  isNetworkOrBroadcast,
  lastOf,
  overlaps,
  rangeOf,
  usableOf,
} from "./ipv4.ts";
import { compareText, sortedEntries } from "./order.ts";
import type { VlanPlan } from "./plan.ts";

/** Parses and checks all VLANs; those whose prefix does not parse are left out afterwards. */
export function readVlans(draft: Draft): void {
  const byId = new Map<number, string>();
  for (const [name, vlan] of sortedEntries(draft.env.vlans)) {
    const path = `vlans.${name}`;
    if (vlan.id < 1 || vlan.id > 4094) {
      draft.error("vlan-id-range", `${path}.id`, `${vlan.id} is not a VLAN id; 1 to 4094 are possible (IEEE 802.1Q)`);
    }
    const same = byId.get(vlan.id);
    if (same !== undefined)
      draft.error(
        "vlan-id-twice",
        `${path}.id`,
        `VLAN id ${vlan.id} is also the id of vlans.${same}; give one of them another`,
      );
    byId.set(vlan.id, name);
    const prefix = draft.prefix(vlan.prefix, `${path}.prefix`);
    const gateway = vlan.gateway === undefined ? undefined : draft.address(vlan.gateway, `${path}.gateway`);
    if (prefix === undefined) continue;
    const ranges = vlan.ranges.flatMap((range, i) => {
      const rangePath = `${path}.ranges[${i}]`;
      const from = draft.address(range.from, `${rangePath}.from`);
      const to = draft.address(range.to, `${rangePath}.to`);
      if (from === undefined || to === undefined) return [];
      if (from > to) {
        draft.error("range-reversed", rangePath, `${range.from} comes after ${range.to}; swap them`);
        return [];
      }
      if (!contains(prefix, from) || !contains(prefix, to)) {
        draft.error(
          "range-outside-vlan",
          rangePath,
          `${range.from}-${range.to} is not inside ${formatPrefix(prefix)} of VLAN ${name}; correct it`,
        );
        return [];
      }
      return [
        {
          from,
          to,
          use: range.use,
          path: rangePath,
          ...(range.purpose === undefined ? {} : { purpose: range.purpose }),
        },
      ];
    });
    draft.vlans.set(name, {
      name,
      path,
      id: vlan.id,
      prefix,
      mtu: vlan.mtu,
      isRouted: vlan.gateway !== undefined,
      ranges,
      ...(gateway === undefined ? {} : { gateway }),
    });
  }
  for (const vlan of draft.vlans.values()) checkVlan(draft, vlan);
  checkOverlaps(draft);
  for (const vlan of draft.vlans.values()) claimFixed(draft, vlan);
}

function checkVlan(draft: Draft, vlan: DraftVlan): void {
  if (vlan.gateway !== undefined) {
    const text = formatAddress(vlan.gateway);
    if (!contains(vlan.prefix, vlan.gateway)) {
      draft.error(
        "gateway-outside-vlan",
        `${vlan.path}.gateway`,
        `gateway ${text} is outside ${formatPrefix(vlan.prefix)}; hosts could never reach it, choose one inside`,
      );
    } else if (isNetworkOrBroadcast(vlan.prefix, vlan.gateway)) {
      draft.error(
        "address-network-or-broadcast",
        `${vlan.path}.gateway`,
        `gateway ${text} is the network or broadcast address of ${formatPrefix(vlan.prefix)}; the first that a device may have is ${formatAddress(vlan.prefix.network + 1)}`,
      );
    }
  }
  const ranges = [...vlan.ranges].sort((a, b) => a.from - b.from);
  ranges.forEach((range, i) => {
    const next = ranges[i + 1];
    if (next !== undefined && overlaps(range, next)) {
      draft.error(
        "range-overlap",
        next.path,
        `${formatAddress(next.from)}-${formatAddress(next.to)} overlaps ${range.path} (${formatAddress(range.from)}-${formatAddress(range.to)}); an address is for one thing, shorten one of them`,
      );
    }
  });
}

function checkOverlaps(draft: Draft): void {
  const sorted = [...draft.vlans.values()].sort(
    (a, b) => a.prefix.network - b.prefix.network || a.prefix.length - b.prefix.length,
  );
  let widest: DraftVlan | undefined;
  for (const vlan of sorted) {
    if (widest !== undefined && overlaps(rangeOf(widest.prefix), rangeOf(vlan.prefix))) {
      draft.vlansOverlap = true;
      draft.error(
        "prefix-overlap",
        `${vlan.path}.prefix`,
        `${formatPrefix(vlan.prefix)} overlaps ${formatPrefix(widest.prefix)} of ${widest.path}; a host could not tell which way to send`,
      );
    }
    if (widest === undefined || lastOf(vlan.prefix) > lastOf(widest.prefix)) widest = vlan;
  }
}

/** The router, switches and other devices have their addresses before any host asks for one. */
function claimFixed(draft: Draft, vlan: DraftVlan): void {
  if (vlan.gateway !== undefined)
    draft.claim(vlan.gateway, `the router (gateway of VLAN ${vlan.name})`, `${vlan.path}.gateway`, vlan.name);
  for (const [device, text] of sortedEntries(draft.env.vlans[vlan.name]?.devices ?? {})) {
    draft.claimOn(vlan.name, text, device, `${vlan.path}.devices.${device}`);
  }
}

/** The VLANs as the Plan shows them. */
export function planVlans(draft: Draft): VlanPlan[] {
  return [...draft.vlans.values()]
    .sort((a, b) => a.id - b.id || compareText(a.name, b.name))
    .map((vlan) => {
      const purpose = draft.env.vlans[vlan.name]?.purpose;
      return {
        name: vlan.name,
        id: vlan.id,
        prefix: formatPrefix(vlan.prefix),
        prefixLength: vlan.prefix.length,
        mtu: vlan.mtu,
        usableAddresses: usableOf(vlan.prefix),
        ...(vlan.gateway === undefined ? {} : { gateway: formatAddress(vlan.gateway) }),
        ...(purpose === undefined ? {} : { purpose }),
      };
    });
}
