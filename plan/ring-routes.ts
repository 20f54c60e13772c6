// Routes of a USB4 ring: to every member both ways round, the shorter preferred. A pulled cable takes its interface away, and the
// routes on it with it (thunderbolt-net removes the device), so the longer way takes over without a routing daemon.
import type { Draft } from "./draft.ts";
import { sortedEntries } from "./order.ts";
import type { RoutePlan } from "./plan.ts";

/** Metric of one hop: above Talos's default of 1024 for ordinary routes only from the second hop on. */
const metricPerHop = 1024;

/** One cabled port of a host. */
export interface RingEnd {
  readonly port: string;
  readonly busPath: string;
  /** Name inside Talos: `tb0`, `tb1` by port name. */
  readonly interface: string;
  readonly peer: string;
}

/** The cabled ports of a host, by name. */
export function ringEnds(draft: Draft, host: string): RingEnd[] {
  const peers = new Map<string, string>();
  for (const [a, b] of draft.env.usb4Ring?.cables ?? []) {
    peers.set(a, hostOf(b));
    peers.set(b, hostOf(a));
  }
  return sortedEntries(draft.env.hosts[host]?.usb4Ports ?? {})
    .flatMap(([port, { busPath }]) => {
      const peer = peers.get(`${host}/${port}`);
      return peer === undefined ? [] : [{ port, busPath, peer }];
    })
    .map((end, i) => ({ ...end, interface: `tb${i}` }));
}

/** Routes of the interface that leads to `peer`: the peer on link, every other member behind it. */
export function ringRoutes(draft: Draft, host: string, peer: string): RoutePlan[] {
  const members = draft.env.usb4Ring?.members ?? {};
  const gateway = members[peer];
  if (gateway === undefined) return [];
  const hops = hopsFrom(draft, peer, host);
  return sortedEntries(members).flatMap(([member, address]): RoutePlan[] => {
    const distance = hops.get(member);
    if (member === host || distance === undefined) return [];
    const metric = metricPerHop * (distance + 1);
    return [{ destination: `${address}/32`, metric, ...(member === peer ? {} : { gateway }) }];
  });
}

/** Cables to each member from `start`, never through `without`. */
function hopsFrom(draft: Draft, start: string, without: string): Map<string, number> {
  const hops = new Map([[start, 0]]);
  const queue = [start];
  for (let at = 0; at < queue.length; at += 1) {
    const host = queue[at] ?? "";
    for (const { peer } of ringEnds(draft, host)) {
      if (peer === without || hops.has(peer)) continue;
      hops.set(peer, (hops.get(host) ?? 0) + 1);
      queue.push(peer);
    }
  }
  return hops;
}

const hostOf = (end: string): string => end.slice(0, end.indexOf("/"));
