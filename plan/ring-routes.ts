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

/** The cabled ports of every host. */
export type RingEnds = ReadonlyMap<string, readonly RingEnd[]>;

/** Reads the cables from both ends; ports in the order of their names. */
export function ringEnds(draft: Draft): RingEnds {
  const peers = new Map<string, string>();
  for (const [a, b] of draft.env.usb4Ring?.cables ?? []) {
    peers.set(a, hostOf(b));
    peers.set(b, hostOf(a));
  }
  const hosts = [...new Set([...peers.keys()].map(hostOf))];
  return new Map(
    hosts.map((host) => {
      const cabled = sortedEntries(draft.env.hosts[host]?.usb4Ports ?? {}).flatMap(([port, { busPath }]) => {
        const peer = peers.get(`${host}/${port}`);
        return peer === undefined ? [] : [{ port, busPath, peer }];
      });
      return [host, cabled.map((end, i) => ({ ...end, interface: interfaceName(draft, i) }))];
    }),
  );
}

/** Talos gets aliases by bus path; Proxmox VE hosts rename to en05, en06 (the usual udev rules of USB4 rings). */
function interfaceName(draft: Draft, index: number): string {
  return draft.env.platform === "metal" ? `tb${index}` : `en0${5 + index}`;
}

/**
 * Routes of the interface that leads to `peer`: the peer on link, every other member behind it. The interface has no address, so each
 * names the one to leave with; the kernel would take one of another network, which the far end answers by another way.
 */
export function ringRoutes(draft: Draft, ends: RingEnds, host: string, peer: string): RoutePlan[] {
  const members = draft.env.usb4Ring?.members ?? {};
  const gateway = members[peer];
  const source = members[host];
  if (gateway === undefined || source === undefined) return [];
  const hops = hopsFrom(ends, peer, host);
  return sortedEntries(members).flatMap(([member, address]): RoutePlan[] => {
    const distance = hops.get(member);
    if (member === host || distance === undefined) return [];
    const metric = metricPerHop * (distance + 1);
    return [{ destination: `${address}/32`, metric, source, ...(member === peer ? {} : { gateway }) }];
  });
}

/** Cables to each member from `start`, never through `without`. */
function hopsFrom(ends: RingEnds, start: string, without: string): Map<string, number> {
  const hops = new Map([[start, 0]]);
  // The map grows while it is walked: a queue in order of discovery.
  for (const [host, distance] of hops) {
    for (const { peer } of ends.get(host) ?? []) {
      if (peer !== without && !hops.has(peer)) hops.set(peer, distance + 1);
    }
  }
  return hops;
}

const hostOf = (end: string): string => end.slice(0, end.indexOf("/"));
