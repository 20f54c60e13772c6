// Files that are another view of the rack's state: they change when it does, and some of them change it when they are written.
import { clusterOf, corosyncClusters } from "../rack/corosync.ts";
import { linksOf } from "../rack/links.ts";
import type { Rack } from "../rack/store.ts";
import { readCorosyncConf, renderCorosyncConf } from "./corosync-conf.ts";
import { renderInterfaces } from "./interfaces-file.ts";
import { hostKeyOf } from "./ssh.ts";

/** One such file. */
export interface LiveFile {
  /** What it shows. Text that was written over the same state is kept as it was written. */
  state(): unknown;
  /** Undefined: the file is not there. */
  render(): string | undefined;
  /** Takes over what was written; throws a `CommandFailure` to refuse it. @default - nothing happens until a command reads it */
  written?(text: string): void;
}

export const INTERFACES = "/etc/network/interfaces";
export const COROSYNC_CONF = "/etc/pve/corosync.conf";
export const HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub";

/** The live files of a host, by path. */
export function liveFiles(rack: Rack, host: string): Readonly<Record<string, LiveFile>> {
  return {
    [INTERFACES]: { state: () => linksOf(rack, host), render: () => renderInterfaces(linksOf(rack, host)) },
    [COROSYNC_CONF]: {
      state: () => clusterOf(rack, host) ?? {},
      render() {
        const cluster = clusterOf(rack, host);
        return cluster && renderCorosyncConf(cluster);
      },
      written(text) {
        const cluster = clusterOf(rack, host);
        if (cluster) corosyncClusters(rack).put(cluster.name, readCorosyncConf(text, cluster));
      },
    },
    [HOST_KEY]: { state: () => ({}), render: () => `${hostKeyOf(rack, host)} root@${host}\n` },
    "/etc/hostname": { state: () => ({}), render: () => `${host}\n` },
  };
}
