// Virtual machines: their configuration as Proxmox keeps it, what their disks hold, and whether they run.
import { hosts } from "./hosts.ts";
import { linksOf } from "./links.ts";
import { volumeOf } from "./storage.ts";
import type { Collection, Rack } from "./store.ts";

/** A network card of a virtual machine. */
export interface VmNic {
  readonly bridge: string;
  readonly vlanId?: number;
  readonly mac: string;
  /** 1: the bridge's; absent: 1500. */
  readonly mtu?: number;
  readonly firewall: boolean;
  readonly disconnected: boolean;
}

/** A disk of a virtual machine. */
export interface VmDisk {
  readonly interface: string;
  /** `local-lvm:vm-101-disk-0`. */
  readonly volumeId: string;
  sizeGiB: number;
  /** Volume id of the image it was filled with. */
  readonly imageVolumeId?: string;
  /** Where that image came from: what boots is decided by it. */
  readonly imageUrl?: string;
}

/** Static addresses that the guest gets from cloud-init, in the order of the NICs. */
export interface VmAddress {
  readonly address?: string;
  readonly gateway?: string;
}

/** A virtual machine. */
export interface Vm {
  readonly vmid: number;
  /** Unlike the id it is never used again: a guest that remembers another one was on a VM that is gone. */
  readonly uuid: string;
  name: string;
  readonly host: string;
  /** What holds it, e.g. `backup`: nobody else may change it meanwhile. @default - nothing */
  lock?: string;
  cores: number;
  memoryMiB: number;
  running: boolean;
  nics: VmNic[];
  disks: VmDisk[];
  addresses: VmAddress[];
  dnsServers: string[];
  tags: string[];
  onBoot: boolean;
  protection: boolean;
  /** Everything else that was configured, as the provider names it. */
  config: Record<string, unknown>;
  /** Counts starts, so that a guest can tell a reboot. */
  bootCount: number;
}

/** Virtual machines, by their id. */
export function vms(rack: Rack): Collection<Vm> {
  return rack.collection<Vm>("vm");
}

/** VMs of one host, sorted by id. */
export function vmsOn(rack: Rack, host: string): Vm[] {
  return vms(rack)
    .list()
    .map(({ body }) => body)
    .filter((vm) => vm.host === host);
}

/** What keeps a VM from starting on its host, as the start task reports it; undefined: it starts. */
export function startProblem(rack: Rack, vm: Vm): string | undefined {
  const host = hosts(rack).get(vm.host);
  if (!host?.powered) return `host ${vm.host} is not running`;
  if (vm.cores > host.cpuCores) return `MAX ${host.cpuCores} vcpus allowed per VM on this node`;
  const others = vmsOn(rack, vm.host).filter((other) => other.running && other.vmid !== vm.vmid);
  const usedMiB = others.reduce((sum, other) => sum + other.memoryMiB, 0);
  if (usedMiB + vm.memoryMiB > host.memoryMiB) {
    return `kvm: cannot set up guest memory 'pc.ram': Cannot allocate memory (${vm.memoryMiB} MiB wanted, ${host.memoryMiB - usedMiB} MiB of ${host.memoryMiB} MiB left)`;
  }
  const links = linksOf(rack, vm.host);
  for (const nic of vm.nics) {
    const bridge = links[nic.bridge];
    if (bridge?.kind !== "bridge") return `bridge '${nic.bridge}' does not exist`;
  }
  const missing = vm.disks.find((disk) => !volumeOf(rack, vm.host, disk.volumeId));
  return missing ? `no such logical volume ${missing.volumeId}` : undefined;
}

/** Starts a VM; throws with the text of the failed task. */
export function startVm(rack: Rack, vmid: number): void {
  const vm = vms(rack).get(String(vmid));
  if (!vm || vm.running) return;
  const problem = startProblem(rack, vm);
  if (problem !== undefined)
    throw new Error(`task failed to complete with exit code: start failed: ${problem} (VM ${vmid} on ${vm.host})`);
  vms(rack).edit(String(vmid), (body) => {
    body.running = true;
    body.bootCount += 1;
  });
}

/** Stops a VM; one that does not run is no error. */
export function stopVm(rack: Rack, vmid: number): void {
  if (!vms(rack).get(String(vmid))) return;
  vms(rack).edit(String(vmid), (body) => {
    body.running = false;
  });
}
