// Heartbeats between OSDs: one that others cannot reach over the cluster network is reported by them, and marked down though it runs.
import { connects } from "./between-hosts.ts";
import type { Rack } from "./store.ts";

/** Ceph's `mon_osd_min_down_reporters`, each on a host of its own. */
const MIN_REPORTERS = 2;
/** First of the ports that OSDs listen on. */
const OSD_PORT = 6800;

/** What the others know of an OSD. */
export interface Peer {
  readonly host: string;
  /** @default - the public network, where whoever hears the monitors is heard */
  readonly clusterAddress?: string;
}

/** Whether an OSD gets an answer from another; those of one host always do. */
export function hears(rack: Rack, osd: Peer, other: Peer): boolean {
  const { host, clusterAddress: address } = other;
  return osd.host === host || address === undefined || connects(rack, osd.host, { host, address, port: OSD_PORT });
}

/** Of the OSDs that run those that are left when whoever is reported by enough others has been marked down, the most reported first. */
export function heardOf<T extends Peer>(rack: Rack, running: readonly T[]): T[] {
  const up = [...running];
  for (;;) {
    let most = { reporters: MIN_REPORTERS - 1, at: -1 };
    for (const [at, osd] of up.entries()) {
      const reporters = new Set(up.filter((other) => !hears(rack, other, osd)).map(({ host }) => host)).size;
      if (reporters > most.reporters) most = { reporters, at };
    }
    if (most.at < 0) return up;
    up.splice(most.at, 1);
  }
}
