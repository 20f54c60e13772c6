// Physical hosts: what stands in the rack, and what the Proxmox installation on each of them knows of itself.
import type { DiskProperties, OutOfBandPlan } from "../../plan/plan.ts";
import type { Collection, Rack } from "./store.ts";

/** A network card. */
interface Nic {
  readonly name: string;
  readonly speedMbps: number;
  readonly mac: string;
}

/** A disk, and what lies on it. */
interface Disk extends DiskProperties {
  readonly name: string;
  /** Stable path, e.g. `/dev/disk/by-id/nvme-…`. */
  readonly device: string;
  readonly sizeGiB: number;
  readonly use: string;
  /** What lies on it: `system`, `osd.3`, `linstor`; absent: nothing. */
  holds?: string;
  /** Broken: what lies on it cannot be read. */
  isFailed?: boolean;
}

/** Hardware of one host. */
export interface Host {
  readonly name: string;
  readonly model: string;
  readonly cpuCores: number;
  readonly memoryMiB: number;
  readonly nics: Nic[];
  readonly disks: Disk[];
  readonly usb4Ports: { readonly name: string; readonly busPath: string; readonly pciPath?: string }[];
  readonly outOfBand?: OutOfBandPlan;
  /** `proxmox`: Proxmox VE is installed; `metal`: it boots whatever is put on its disk. */
  readonly platform: "proxmox" | "metal";
  powered: boolean;
}

/** What Proxmox VE on one host knows of itself; its network is in links.ts, its storages are in storage.ts. */
export interface ProxmoxHost {
  readonly version: string;
  dns: { domain: string; servers: string[] };
  timeZone: string;
  /** `/etc/hosts`, line by line. */
  hostsFile: { address: string; hostnames: string[] }[];
  /** Package repositories by the handle that Proxmox VE has for them, in the order of their files. */
  repositories: { readonly handle: string; readonly isEnabled: boolean }[];
  description?: string;
  /** Options of the host's firewall; absent: never set. */
  firewall?: Record<string, unknown>;
}

/** The machines that stand in the rack, by name. */
export function hosts(rack: Rack): Collection<Host> {
  return rack.collection<Host>("host");
}

/** What Proxmox VE keeps about each of its hosts, by name. */
export function proxmoxHosts(rack: Rack): Collection<ProxmoxHost> {
  return rack.collection<ProxmoxHost>("proxmox-host");
}

/** Whether a host is there and switched on. */
export function hostIsUp(rack: Rack, name: string): boolean {
  return hosts(rack).get(name)?.powered === true;
}

/** Disks of a host; none when there is no such host. */
export function disksOf(rack: Rack, name: string): readonly Disk[] {
  return hosts(rack).get(name)?.disks ?? [];
}

/** The Proxmox installation of a host that is there and running; else the error of the API, which is proxied from host to host. */
export function proxmoxHost(rack: Rack, name: string): ProxmoxHost {
  const host = hosts(rack).get(name);
  const software = proxmoxHosts(rack).get(name);
  if (!host || !software) {
    throw new Error(
      `received an HTTP 500 response - Reason: hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`,
    );
  }
  if (!host.powered) throw new Error(`received an HTTP 595 response - Reason: No route to host (${name})`);
  return software;
}
