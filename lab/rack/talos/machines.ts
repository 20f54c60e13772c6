// The machines Talos runs on: virtual machines of a Proxmox host, or hosts themselves. This is all that the model of Talos knows of them.

import { bootImage } from "../boot-image.ts";
import { type Host, hosts } from "../hosts.ts";
import type { Rack } from "../store.ts";
import { type Vm, vms } from "../vms.ts";
import type { MachineDisk } from "./install-disk.ts";
import { type MetalBoot, metalNetwork } from "./metal-network.ts";

/** A network interface in the order the firmware lists them. */
interface MachineNic {
  /** Name a metal image gives it; a nocloud image says eth0, eth1 … */
  readonly name: string;
  readonly mac: string;
}

/** What a machine has booted from: an image of the factory. */
interface BootMedium {
  readonly schematic: string;
  /** With its `v`. */
  readonly version: string;
  readonly platform: "nocloud" | "metal";
  /** Its keys are in the firmware, which starts nothing else from then on. */
  readonly secureBoot: boolean;
}

/** A machine that Talos may run on: a virtual one, or a host on the metal. */
export interface Machine {
  /** `vm/8001` or `host/ms01-01`. */
  readonly id: string;
  /** Its name on the wire (stations.ts). */
  readonly name: string;
  /** Changes when the disk is a new one, so that what was installed is gone. */
  readonly instance: string;
  /** The physical host it is, or runs on. */
  readonly host: string;
  readonly isPowered: boolean;
  readonly medium: BootMedium | undefined;
  readonly nics: readonly MachineNic[];
  /** Addresses with prefix length that it has before it is configured: by position of the NIC (nocloud), or all it was leased (metal). */
  readonly bootAddresses: readonly (string | undefined)[];
  readonly cores: number;
  readonly memoryMiB: number;
  readonly disks: readonly MachineDisk[];
}

function mediumOf(url: string | undefined): BootMedium | undefined {
  if (url === undefined) return undefined;
  const { schematic, version, platform, secureBoot } = bootImage(url);
  if (version === undefined) return undefined;
  return { schematic: schematic ?? "", version, platform: platform === "nocloud" ? "nocloud" : "metal", secureBoot };
}

function vmMachine(vm: Vm, host: Host | undefined): Machine {
  const disk = vm.disks.find(({ imageUrl }) => imageUrl !== undefined);
  return {
    id: `vm/${vm.vmid}`,
    name: vm.name,
    instance: `${vm.uuid ?? vm.vmid}`,
    host: vm.host,
    isPowered: vm.running && host?.powered === true,
    medium: mediumOf(disk?.imageUrl),
    // What systemd calls the first virtio card of a q35 machine, and so on.
    nics: vm.nics.map((nic, index) => ({ name: `enp${6 + index}s18`, mac: nic.mac })),
    bootAddresses: vm.nics.map((_, index) => {
      const address = vm.addresses[index]?.address;
      return address === "dhcp" ? undefined : address;
    }),
    cores: vm.cores,
    memoryMiB: vm.memoryMiB,
    disks: vm.disks.map(({ sizeGiB }, index) => ({ device: `/dev/sd${String.fromCharCode(97 + index)}`, sizeGiB })),
  };
}

/** What the description does not say, a disk has all the same. */
function metalDisk({ name: _, use: __, holds: ___, isFailed: ____, ...disk }: Host["disks"][number]): MachineDisk {
  return { type: disk.device.includes("nvme") ? "nvme" : "ssd", model: "Generic Disk", ...disk };
}

function metalMachine(rack: Rack, host: Host, boot: MetalBoot | undefined): Machine {
  const { links } = metalNetwork(rack, host.name);
  return {
    id: `host/${host.name}`,
    name: host.name,
    instance: boot?.instance ?? host.name,
    host: host.name,
    isPowered: host.powered,
    medium: mediumOf(boot?.imageUrl),
    nics: host.nics.map(({ name, mac }) => ({ name, mac })),
    bootAddresses: Object.values(links).flatMap(({ addresses }) => addresses),
    cores: host.cpuCores,
    memoryMiB: host.memoryMiB,
    disks: host.disks.map(metalDisk),
  };
}

/** All machines that could run Talos, sorted by id; also those that are switched off. */
export function listMachines(rack: Rack): Machine[] {
  const hardware = new Map(
    hosts(rack)
      .list()
      .map(({ id, body }) => [id, body]),
  );
  const virtual = vms(rack)
    .list()
    .map(({ body }) => vmMachine(body, hardware.get(body.host)));
  const boots = rack.collection<MetalBoot>("metal-boot");
  const metal = [...hardware.values()]
    .filter(({ platform }) => platform === "metal")
    .map((host) => metalMachine(rack, host, boots.get(host.name)));
  return [...virtual, ...metal].sort((a, b) => (a.id < b.id ? -1 : 1));
}
