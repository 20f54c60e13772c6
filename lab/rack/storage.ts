// Proxmox storages and the volumes on them: what the installer leaves on each host, and what Ceph adds for all of them.
import type { Collection, Rack } from "./store.ts";

/** One volume: an image that was downloaded, or a virtual disk. */
export interface Volume {
  /** e.g. `iso/talos.img`, `vm-101-disk-0`. */
  readonly name: string;
  readonly content: string;
  sizeBytes: number;
  /** Where a download came from. */
  readonly url?: string;
  /** What a virtual disk was filled with: the volume id of an image. */
  readonly source?: string;
}

/** A storage of Proxmox, and what lies on it. */
export interface Storage {
  readonly name: string;
  readonly type: "dir" | "lvmthin" | "rbd";
  /** Absent: every host of the cluster has it. */
  readonly host?: string;
  readonly capacityBytes: number;
  /** Kinds of content it may hold: `iso`, `import`, `vztmpl`, `images`, `rootdir`, `snippets`, `backup`. */
  readonly content: string[];
  /** Ceph pool behind an `rbd` storage. */
  readonly pool?: string;
  volumes: Record<string, Volume>;
}

/** Bytes. */
export const GIB = 2 ** 30;

/** Storages, by {@link storageId}. */
export function storages(rack: Rack): Collection<Storage> {
  return rack.collection<Storage>("storage");
}

/** Id of a storage's document. */
export function storageId(name: string, host?: string): string {
  return `${host ?? "*"}/${name}`;
}

/** The storage that a host knows by this name; its own before a shared one. Throws as the API does. */
export function storageOf(rack: Rack, host: string, name: string): { id: string; storage: Storage } {
  for (const id of [storageId(name, host), storageId(name)]) {
    const storage = storages(rack).get(id);
    if (storage) return { id, storage };
  }
  throw new Error(`received an HTTP 500 response - Reason: storage '${name}' does not exist`);
}

/** Bytes taken by volumes. Virtual disks are thin, but they count in full: a pool that may run full is a broken VM later. */
export function usedBytes(storage: Storage): number {
  return Object.values(storage.volumes).reduce((sum, volume) => sum + volume.sizeBytes, 0);
}

/** Adds a volume to a storage of a host; refused when the storage may not hold it or is full. Returns the volume id (`local:iso/x.img`). */
export function addVolume(rack: Rack, host: string, storageName: string, volume: Volume): string {
  const { id, storage } = storageOf(rack, host, storageName);
  if (!storage.content.includes(volume.content)) {
    throw new Error(
      `received an HTTP 500 response - Reason: storage '${storageName}' does not support content-type '${volume.content}'`,
    );
  }
  const free = storage.capacityBytes - usedBytes(storage);
  if (volume.sizeBytes > free) {
    const gib = (bytes: number) => (bytes / GIB).toFixed(1);
    throw new Error(
      `received an HTTP 500 response - Reason: storage '${storageName}' on ${host}: not enough space for ${volume.name}, ${gib(volume.sizeBytes)} GiB needed, ${gib(free)} GiB free`,
    );
  }
  storages(rack).edit(id, (body) => {
    body.volumes[volume.name] = volume;
  });
  return `${storageName}:${volume.name}`;
}

/** The volume with an id such as `local:iso/talos.img`, as a host sees it. */
export function volumeOf(rack: Rack, host: string, volumeId: string): Volume | undefined {
  const colon = volumeId.indexOf(":");
  return storageOf(rack, host, volumeId.slice(0, colon)).storage.volumes[volumeId.slice(colon + 1)];
}

/** Removes a volume; one that is gone already is no error. */
export function removeVolume(rack: Rack, host: string, volumeId: string): void {
  const colon = volumeId.indexOf(":");
  const { id } = storageOf(rack, host, volumeId.slice(0, colon));
  storages(rack).edit(id, (body) => {
    delete body.volumes[volumeId.slice(colon + 1)];
  });
}
