// Files that are another view of the rack's state: they change when it does, and some of them change it when they are written.
import { clusterOf, corosyncClusters } from "../rack/corosync.ts";
import { proxmoxHosts } from "../rack/hosts.ts";
import { linksOf } from "../rack/links.ts";
import {
  entriesIn,
  readSources,
  renderSources,
  replaceEntries,
  SOURCE_FILES,
  SOURCES,
} from "../rack/package-sources.ts";
import type { Rack } from "../rack/store.ts";
import { vms } from "../rack/vms.ts";
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

/** The host's network, as ifupdown2 reads it. */
export const INTERFACES = "/etc/network/interfaces";
const COROSYNC_CONF = "/etc/pve/corosync.conf";
/** Whom the host asks for the time. */
export const CHRONY = "/etc/chrony/chrony.conf";
const HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub";

/** The virtual machines of the cluster, or of a host that is in none: a list of all, and a file each. */
function machineFiles(rack: Rack, host: string): Record<string, LiveFile> {
  const members = clusterOf(rack, host)?.nodes.map((node) => node.host) ?? [host];
  const machines = vms(rack)
    .list()
    .map(({ body }) => body)
    .filter((vm) => members.includes(vm.host));
  const entries = machines.map((vm) => `"${vm.vmid}": { "node": "${vm.host}", "type": "qemu", "version": 1 }`);
  const list = `{\n"version": 1,\n"ids": {\n${entries.join(",\n")}}\n\n}\n`;
  const shown = (text: string): LiveFile => ({ state: () => text, render: () => text });
  return {
    "/etc/pve/.vmlist": shown(list),
    ...Object.fromEntries(
      machines.map((vm) => [
        `/etc/pve/nodes/${vm.host}/qemu-server/${vm.vmid}.conf`,
        shown(`cores: ${vm.cores}\nmemory: ${vm.memoryMiB}\nname: ${vm.name}\n`),
      ]),
    ),
  };
}

/** Package repositories: the API writes them too. */
function sourceFiles(rack: Rack, host: string): Record<string, LiveFile> {
  const software = proxmoxHosts(rack).get(host);
  if (software === undefined) return {};
  return Object.fromEntries(
    SOURCE_FILES.map((file): [string, LiveFile] => [
      `${SOURCES}/${file}`,
      {
        state: () => entriesIn(proxmoxHosts(rack).get(host) ?? software, file),
        render: () => renderSources(proxmoxHosts(rack).get(host) ?? software, file),
        written: (text) => proxmoxHosts(rack).edit(host, (body) => replaceEntries(body, file, readSources(file, text))),
      },
    ]),
  );
}

/** As Debian's package of chrony leaves it. */
const CHRONY_CONF = [
  "confdir /etc/chrony/conf.d",
  "pool 2.debian.pool.ntp.org iburst",
  "sourcedir /run/chrony-dhcp",
  "sourcedir /etc/chrony/sources.d",
  "driftfile /var/lib/chrony/chrony.drift",
  "makestep 1 3",
  "",
].join("\n");

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
    ...machineFiles(rack, host),
    ...sourceFiles(rack, host),
    [CHRONY]: { state: () => ({}), render: () => CHRONY_CONF },
    "/etc/hostname": { state: () => ({}), render: () => `${host}\n` },
  };
}
