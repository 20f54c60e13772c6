// Machines that an operating system image boots on: virtual machines and, on the metal, hosts. For whoever simulates what runs in them.
import type { Rack } from "./store.ts";
import { type Vm, vms } from "./vms.ts";

/** What an image is, read from the place it was downloaded from (Talos image factory). */
export interface BootImage {
  readonly url: string;
  readonly schematic?: string;
  /** e.g. `v1.13.0`. */
  readonly version?: string;
  /** `nocloud`, `metal`. */
  readonly platform?: string;
}

/** One machine that runs. */
export interface Machine {
  readonly name: string;
  readonly kind: "vm" | "metal";
  readonly host: string;
  /** Only of a VM. */
  readonly vmid?: number;
  /** Never used again: what a guest keeps on its disk is gone when this is another one. */
  readonly uuid: string;
  readonly image?: BootImage;
  /** In the order of the guest's `eth0`, `eth1` …; addresses with prefix length, as cloud-init gives them. */
  readonly nics: {
    readonly name: string;
    readonly mac: string;
    readonly address?: string;
    readonly gateway?: string;
  }[];
  readonly disks: { readonly device: string; readonly sizeGiB: number }[];
  /** Changes with every start. */
  readonly bootCount: number;
}

/** Reads `https://factory…/image/<schematic>/<version>/<platform>-<arch>.<suffix>`. */
export function bootImage(url: string): BootImage {
  const match = /\/image\/([0-9a-f]+)\/(v[^/]+)\/([a-z]+)-[^/]*$/.exec(url);
  const [, schematic, version, platform] = match ?? [];
  return { url, ...(schematic && { schematic }), ...(version && { version }), ...(platform && { platform }) };
}

const GUEST_DEVICES: Record<string, string> = { scsi: "/dev/sd", sata: "/dev/sd", virtio: "/dev/vd" };

function machineOf(vm: Vm): Machine {
  const imageUrl = vm.disks.find((disk) => disk.imageUrl !== undefined)?.imageUrl;
  return {
    name: vm.name,
    kind: "vm",
    host: vm.host,
    vmid: vm.vmid,
    uuid: vm.uuid,
    ...(imageUrl !== undefined && { image: bootImage(imageUrl) }),
    nics: vm.nics.map((nic, index) => ({ name: `eth${index}`, mac: nic.mac, ...vm.addresses[index] })),
    disks: vm.disks.map((disk, index) => ({
      device: `${GUEST_DEVICES[disk.interface.replace(/\d+$/, "")] ?? "/dev/sd"}${String.fromCharCode(97 + index)}`,
      sizeGiB: disk.sizeGiB,
    })),
    bootCount: vm.bootCount,
  };
}

/** All machines that run. */
export function machines(rack: Rack): Machine[] {
  return vms(rack)
    .list()
    .filter(({ body }) => body.running)
    .map(({ body }) => machineOf(body));
}

/** The running machine with an address. */
export function machineAt(rack: Rack, address: string): Machine | undefined {
  return machines(rack).find((machine) => machine.nics.some((nic) => nic.address?.split("/")[0] === address));
}
