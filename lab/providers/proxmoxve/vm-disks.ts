// The disks of a virtual machine: made, grown and removed with it.

import { addVolume, GIB, removeVolume, storageOf, storages, type Volume, volumeOf } from "../../rack/storage.ts";
import type { Rack } from "../../rack/store.ts";
import type { Vm, VmDisk } from "../../rack/vms.ts";
import { apiError } from "./api.ts";
import type { VmDiskInput, VmInput } from "./vm-config.ts";

/** Size of the small volumes beside the disks: EFI variables, TPM state, cloud-init. */
const SMALL_BYTES = 4 * 2 ** 20;

function imageOf(rack: Rack, host: string, disk: VmDiskInput): { id: string; volume: Volume } | undefined {
  const id = disk.fileId || disk.importFrom;
  if (!id) return undefined;
  const volume = volumeOf(rack, host, id);
  if (!volume) throw apiError(500, `volume '${id}' does not exist`);
  if (disk.importFrom && volume.content !== "import")
    throw apiError(
      500,
      `cannot import from '${id}': wrong content type '${volume.content}' - needs to be 'images' or 'import'`,
    );
  return { id, volume };
}

function createDisk(rack: Rack, vmid: number, host: string, disk: VmDiskInput, index: number): VmDisk {
  const image = imageOf(rack, host, disk);
  const sizeBytes = disk.size * GIB;
  if (image && image.volume.sizeBytes > sizeBytes)
    throw apiError(500, `unable to resize disk ${disk.interface} to ${disk.size}G: shrinking disks is not supported`);
  const volumeId = addVolume(rack, host, disk.datastoreId, {
    name: `vm-${vmid}-disk-${index}`,
    content: "images",
    sizeBytes,
    ...(image && { source: image.id }),
  });
  return {
    interface: disk.interface,
    volumeId,
    sizeGiB: disk.size,
    ...(image && { imageVolumeId: image.id }),
    ...(image?.volume.url !== undefined && { imageUrl: image.volume.url }),
  };
}

/** Makes all disks of a VM, the small ones too; throws the API's refusal. */
export function createDisks(rack: Rack, vmid: number, inputs: VmInput): VmDisk[] {
  const twice = inputs.disks?.find(
    (disk, index) => inputs.disks?.findIndex((other) => other.interface === disk.interface) !== index,
  );
  if (twice) throw apiError(400, `duplicate key '${twice.interface}'`);
  const disks = (inputs.disks ?? []).map((disk, index) => createDisk(rack, vmid, inputs.nodeName, disk, index));
  const small: [string, string | undefined][] = [
    ["efidisk", inputs.efiDisk?.datastoreId],
    ["tpmstate", inputs.tpmState?.datastoreId],
    ["cloudinit", inputs.initialization?.datastoreId],
  ];
  for (const [name, datastore] of small) {
    if (datastore !== undefined)
      addVolume(rack, inputs.nodeName, datastore, {
        name: `vm-${vmid}-${name}`,
        content: "images",
        sizeBytes: SMALL_BYTES,
      });
  }
  return disks;
}

/** Brings the disks to new inputs: new ones are made, grown ones grow, removed ones are removed. */
export function updateDisks(rack: Rack, vm: Vm, inputs: VmInput): VmDisk[] {
  const wanted = inputs.disks ?? [];
  for (const disk of vm.disks)
    if (!wanted.some((other) => other.interface === disk.interface)) removeVolume(rack, vm.host, disk.volumeId);
  return wanted.map((disk, index) => {
    const known = vm.disks.find((other) => other.interface === disk.interface);
    if (!known) return createDisk(rack, vm.vmid, vm.host, disk, vm.disks.length + index);
    if (disk.size < known.sizeGiB)
      throw apiError(500, `unable to resize disk ${disk.interface}: shrinking disks is not supported`);
    if (disk.size > known.sizeGiB) grow(rack, vm.host, known, disk.size);
    return { ...known, sizeGiB: disk.size };
  });
}

function grow(rack: Rack, host: string, disk: VmDisk, sizeGiB: number): void {
  const colon = disk.volumeId.indexOf(":");
  const { id, storage } = storageOf(rack, host, disk.volumeId.slice(0, colon));
  const name = disk.volumeId.slice(colon + 1);
  const volume = storage.volumes[name];
  if (!volume) throw apiError(500, `no such logical volume ${disk.volumeId}`);
  const others = Object.values(storage.volumes).reduce(
    (sum, other) => sum + (other.name === name ? 0 : other.sizeBytes),
    0,
  );
  if (others + sizeGiB * GIB > storage.capacityBytes)
    throw apiError(500, `storage '${storage.name}': not enough space to grow ${name} to ${sizeGiB}G`);
  storages(rack).edit(id, (body) => {
    body.volumes[name] = { ...volume, sizeBytes: sizeGiB * GIB };
  });
}

/** Removes every volume of a VM from the storages its host sees. */
export function removeDisks(rack: Rack, vm: Vm): void {
  for (const { id, body } of storages(rack).list()) {
    if (body.host !== undefined && body.host !== vm.host) continue;
    const names = Object.keys(body.volumes).filter((name) => name.startsWith(`vm-${vm.vmid}-`));
    if (names.length === 0) continue;
    storages(rack).edit(id, (storage) => {
      for (const name of names) delete storage.volumes[name];
    });
  }
}
