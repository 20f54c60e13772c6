// The files of a host as they lie on the rack. `/etc/pve` is shared by all members of a cluster; disks are devices; some files show the state
// of the rack (live-files.ts).
import { clusterOf, quorumOf } from "../rack/corosync.ts";
import { hosts } from "../rack/hosts.ts";
import type { Rack } from "../rack/store.ts";
import { CommandFailure } from "./host-command.ts";
import type { HostFile, HostFiles } from "./host-files.ts";
import { INTERFACES, type LiveFile, liveFiles } from "./live-files.ts";

/** A stored file; `over`: the state of the rack it was written over, of a live file. */
interface StoredFile extends HostFile {
  readonly over?: string;
}

/** Directories that an installed host has; their parents are there too. */
const INSTALLED = [
  "/dev/disk/by-id",
  "/etc/apt/sources.list.d",
  "/etc/ceph",
  "/etc/chrony/sources.d",
  "/etc/default",
  "/etc/modprobe.d",
  "/etc/modules-load.d",
  "/etc/network/interfaces.d",
  "/etc/pve/priv",
  "/etc/ssh",
  "/etc/sysctl.d",
  "/etc/systemd/network",
  "/etc/systemd/system",
  "/etc/udev/rules.d",
  "/root/.ssh",
  "/run/lock",
  "/tmp",
  "/usr/local/bin",
  "/usr/local/sbin",
  "/var/lib/ceph",
  "/var/tmp",
];

const isAbove = (directory: string, path: string) => path.startsWith(directory === "/" ? "/" : `${directory}/`);

/** A host's files: documents of the rack, those of the cluster in `/etc/pve`, and live ones that show the rack itself. */
export class RackFiles implements HostFiles {
  private readonly rack: Rack;
  private readonly host: string;
  private readonly live: Readonly<Record<string, LiveFile>>;

  constructor(rack: Rack, host: string) {
    this.rack = rack;
    this.host = host;
    this.live = liveFiles(rack, host);
  }

  private get files() {
    return this.rack.collection<StoredFile>("host-file");
  }

  /** The document a path lies in: `/etc/pve` belongs to the cluster. */
  private key(path: string): string {
    const cluster = path.startsWith("/etc/pve/") ? clusterOf(this.rack, this.host) : undefined;
    return `${cluster ? `cluster ${cluster.name}` : this.host}:${path}`;
  }

  private resolve(path: string): string {
    // Proxmox links it there, so that every member has the same.
    return path === "/etc/ceph/ceph.conf" ? "/etc/pve/ceph.conf" : path;
  }

  private isDevice(path: string): boolean {
    return (
      path === "/dev/null" ||
      (hosts(this.rack)
        .get(this.host)
        ?.disks.some((disk) => disk.device === path) ??
        false)
    );
  }

  read(operand: string): string | undefined {
    const path = this.resolve(operand);
    const stored = this.files.get(this.key(path));
    const live = this.live[path];
    if (live) return stored && stored.over === JSON.stringify(live.state()) ? stored.content : live.render();
    if (stored) return stored.isDirectory ? undefined : stored.content;
    return this.isDevice(path) ? "" : undefined;
  }

  write(operand: string, content: string, mode?: string): void {
    const path = this.resolve(operand);
    if (this.isDevice(path))
      throw new CommandFailure(`refusing to write to ${path}: the rack's disks are not written byte by byte`);
    this.requireWritable(path);
    const live = this.live[path];
    live?.written?.(content);
    const key = this.key(path);
    const over = live && JSON.stringify(live.state());
    this.files.put(key, {
      content,
      mode: mode ?? this.files.get(key)?.mode ?? "644",
      ...(over === undefined ? {} : { over }),
    });
  }

  remove(operand: string): void {
    const path = this.resolve(operand);
    this.requireWritable(path);
    this.files.delete(this.key(path));
  }

  private requireWritable(path: string): void {
    // The cluster's file system is read-only without quorum.
    if (!path.startsWith("/etc/pve/") || quorumOf(this.rack, this.host).isQuorate) return;
    throw new CommandFailure(`cannot create ${path}: Permission denied`, 2);
  }

  /** The network is now as the file says: the file stays as it was written. */
  settleInterfaces(content: string): void {
    this.write(INTERFACES, content);
  }

  makeDirectory(path: string): void {
    if (!this.isDirectory(path)) this.files.put(this.key(path), { content: "", mode: "755", isDirectory: true });
  }

  isDirectory(path: string): boolean {
    if (INSTALLED.some((directory) => directory === path || isAbove(path, directory))) return true;
    return this.files.get(this.key(path))?.isDirectory === true || this.paths().some((file) => isAbove(path, file));
  }

  mode(path: string): string | undefined {
    return this.files.get(this.key(path))?.mode ?? (this.read(path) === undefined ? undefined : "644");
  }

  paths(): string[] {
    const cluster = clusterOf(this.rack, this.host);
    const owners = [`${this.host}:`, ...(cluster ? [`cluster ${cluster.name}:`] : [])];
    const stored = this.files
      .list()
      .flatMap(({ id }) => owners.filter((owner) => id.startsWith(owner)).map((owner) => id.slice(owner.length)));
    const live = Object.keys(this.live).filter((path) => this.read(path) !== undefined);
    const devices =
      hosts(this.rack)
        .get(this.host)
        ?.disks.map((disk) => disk.device) ?? [];
    return [...new Set([...stored, ...live, ...devices])].sort();
  }
}
