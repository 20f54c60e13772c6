// The files of a host as they lie on the rack. Some are made up from what the rack knows: devices, the network's file after a change by the
// API, `/etc/pve`, which all members of a cluster share.
import { clusterOf, quorumOf } from "../rack/corosync.ts";
import { hosts } from "../rack/hosts.ts";
import { type Links, linksOf } from "../rack/links.ts";
import type { Rack } from "../rack/store.ts";
import { CommandFailure } from "./host-command.ts";
import type { HostFile, HostFiles } from "./host-files.ts";
import { renderInterfaces } from "./interfaces-file.ts";

export const INTERFACES = "/etc/network/interfaces";

/** A stored file; `links` is the network it was written over. */
interface StoredFile extends HostFile {
  readonly links?: Links;
}

const DIRECTORIES = [
  "/",
  "/dev",
  "/dev/disk",
  "/dev/disk/by-id",
  "/etc",
  "/etc/apt",
  "/etc/apt/sources.list.d",
  "/etc/ceph",
  "/etc/modprobe.d",
];
DIRECTORIES.push(
  "/etc/modules-load.d",
  "/etc/network",
  "/etc/network/interfaces.d",
  "/etc/pve",
  "/etc/pve/priv",
  "/etc/sysctl.d",
  "/etc/systemd",
);
DIRECTORIES.push(
  "/etc/systemd/network",
  "/etc/udev",
  "/etc/udev/rules.d",
  "/proc",
  "/root",
  "/run",
  "/sys",
  "/tmp",
  "/usr",
  "/usr/local",
  "/usr/local/bin",
);
DIRECTORIES.push(
  "/usr/local/sbin",
  "/var",
  "/var/lib",
  "/var/lib/ceph",
  "/var/tmp",
  "/run/lock",
  "/etc/default",
  "/etc/chrony",
  "/etc/ssh",
  "/etc/systemd/system",
);

export class RackFiles implements HostFiles {
  private readonly rack: Rack;
  private readonly host: string;

  constructor(rack: Rack, host: string) {
    this.rack = rack;
    this.host = host;
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
    if (path === "/dev/null") return true;
    return (
      hosts(this.rack)
        .get(this.host)
        ?.disks.some((disk) => disk.device === path) ?? false
    );
  }

  read(operand: string): string | undefined {
    const path = this.resolve(operand);
    const stored = this.files.get(this.key(path));
    if (path === INTERFACES) return this.readInterfaces(stored);
    if (stored) return stored.isDirectory ? undefined : stored.content;
    if (path === "/etc/hostname") return `${this.host}\n`;
    return this.isDevice(path) ? "" : undefined;
  }

  /** A change by the API writes the whole file anew, so what was written before it is gone. */
  private readInterfaces(stored: StoredFile | undefined): string {
    const links = linksOf(this.rack, this.host);
    return stored && JSON.stringify(stored.links) === JSON.stringify(links) ? stored.content : renderInterfaces(links);
  }

  /** Notes that the network is now as the file says. */
  settleInterfaces(): void {
    const content = this.read(INTERFACES) ?? "";
    this.files.put(this.key(INTERFACES), { content, mode: "644", links: linksOf(this.rack, this.host) });
  }

  write(operand: string, content: string, mode?: string): void {
    const path = this.resolve(operand);
    if (this.isDevice(path))
      throw new CommandFailure(`refusing to write to ${path}: the rack's disks are not written byte by byte`);
    this.requireWritable(path);
    const key = this.key(path);
    const links = path === INTERFACES ? { links: linksOf(this.rack, this.host) } : {};
    this.files.put(key, { content, mode: mode ?? this.files.get(key)?.mode ?? "644", ...links });
  }

  remove(operand: string): void {
    const path = this.resolve(operand);
    this.requireWritable(path);
    this.files.delete(this.key(path));
  }

  private requireWritable(path: string): void {
    // pmxcfs is read-only without quorum.
    if (path.startsWith("/etc/pve/") && !quorumOf(this.rack, this.host).isQuorate)
      throw new CommandFailure(`cannot create ${path}: Permission denied`, 2);
  }

  makeDirectory(path: string): void {
    if (!this.isDirectory(path)) this.files.put(this.key(path), { content: "", mode: "755", isDirectory: true });
  }

  isDirectory(path: string): boolean {
    if (DIRECTORIES.includes(path)) return true;
    return (
      this.files.get(this.key(path))?.isDirectory === true || this.paths().some((file) => file.startsWith(`${path}/`))
    );
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
    const devices =
      hosts(this.rack)
        .get(this.host)
        ?.disks.map((disk) => disk.device) ?? [];
    return [...new Set([...stored, ...devices, INTERFACES, "/etc/hostname"])].sort();
  }
}
