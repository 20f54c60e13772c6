// A virtual machine as the plug-in describes it (VmLegacy), and as the rack keeps it.
import { createHash } from "node:crypto";
import type { Some } from "../../plugin/contract.ts";
import type { Vm, VmAddress, VmNic } from "../../rack/vms.ts";

/** A disk as a program declares it; sizes in GiB. */
export interface VmDiskInput {
  interface: string;
  datastoreId: string;
  size: number;
  fileId?: string;
  importFrom?: string;
}

/** A NIC as a program declares it. */
export interface VmNicInput {
  bridge: string;
  vlanId?: number;
  macAddress?: string;
  mtu?: number;
  firewall: boolean;
  disconnected: boolean;
  enabled: boolean;
}

/** The inputs that mean something to the rack; all others are kept as they are. */
export interface VmInput {
  nodeName: string;
  vmId?: number;
  name?: string;
  cpu?: { cores: number; sockets: number };
  memory?: { dedicated: number };
  disks?: VmDiskInput[];
  efiDisk?: { datastoreId: string };
  tpmState?: { datastoreId: string };
  networkDevices?: VmNicInput[];
  initialization?: {
    datastoreId: string;
    dns?: { servers?: string[] };
    ipConfigs?: { ipv4?: { address?: string; gateway?: string } }[];
  };
  agent?: { enabled?: boolean; timeout: string; waitForIp?: { disabled: boolean } };
  cdrom?: { fileId: string };
  clone?: { vmId: number };
  hostpcis?: { device: string; mapping?: string; id?: string }[];
  tags?: string[];
  started?: boolean;
  onBoot: boolean;
  protection: boolean;
  migrate: boolean;
  rebootAfterUpdate: boolean;
  template?: boolean;
}

export interface VmState extends VmInput {
  macAddresses: string[];
  ipv4Addresses: string[][];
  ipv6Addresses: string[][];
  networkInterfaceNames: string[];
}

/** A MAC as Proxmox makes them up (its own prefix), the same for the same VM, so that a run can be repeated. */
function generatedMac(vmid: number, index: number): string {
  const hash = createHash("sha256").update(`${vmid}/${index}`).digest("hex");
  return `BC:24:11:${hash.slice(0, 2)}:${hash.slice(2, 4)}:${hash.slice(4, 6)}`.toUpperCase();
}

export function vmNics(vmid: number, inputs: VmInput): VmNic[] {
  return (inputs.networkDevices ?? [])
    .filter((nic) => nic.enabled)
    .map((nic, index) => ({
      bridge: nic.bridge,
      ...(nic.vlanId !== undefined && nic.vlanId > 0 && { vlanId: nic.vlanId }),
      mac: (nic.macAddress ?? generatedMac(vmid, index)).toUpperCase(),
      ...(nic.mtu !== undefined && nic.mtu > 0 && { mtu: nic.mtu }),
      firewall: nic.firewall,
      disconnected: nic.disconnected,
    }));
}

export function vmAddresses(inputs: VmInput): VmAddress[] {
  return (inputs.initialization?.ipConfigs ?? []).map(({ ipv4 }) => ({
    ...(ipv4?.address !== undefined && { address: ipv4.address }),
    ...(ipv4?.gateway !== undefined && { gateway: ipv4.gateway }),
  }));
}

/** What the API shows of a VM: its configuration, with what was changed on the rack. */
export function vmState(vm: Vm): Some<VmState> {
  const config = vm.config as Some<VmInput>;
  const devices = config.networkDevices?.map((device, index) => {
    const nic = vm.nics[index];
    return nic
      ? {
          ...device,
          bridge: nic.bridge,
          macAddress: sameMac(device.macAddress, nic.mac),
          ...(nic.vlanId !== undefined && { vlanId: nic.vlanId }),
        }
      : device;
  });
  const disks = config.disks?.flatMap((disk) => {
    const real = vm.disks.find((other) => other.interface === disk.interface);
    return real ? [{ ...disk, size: real.sizeGiB }] : [];
  });
  return {
    ...config,
    nodeName: vm.host,
    vmId: vm.vmid,
    name: vm.name,
    ...(config.cpu && { cpu: { ...config.cpu, cores: vm.cores } }),
    ...(config.memory && { memory: { ...config.memory, dedicated: vm.memoryMiB } }),
    ...(devices && { networkDevices: devices }),
    ...(disks && { disks }),
    tags: vm.tags.length > 0 ? vm.tags : undefined,
    // Compared only where the program gave it: a VM is started unless told otherwise.
    started: config.started === undefined && vm.running ? undefined : vm.running,
    onBoot: vm.onBoot,
    protection: vm.protection,
    macAddresses: vm.nics.map(({ mac }) => mac),
    ...agentOutputs(vm, config),
  };
}

/** The spelling of the program, where it means the same. */
function sameMac(given: string | undefined, mac: string): string {
  return given?.toUpperCase() === mac ? given : mac;
}

/** What the guest agent reports, when it is on. */
function agentOutputs(
  vm: Vm,
  config: Some<VmInput>,
): Pick<VmState, "ipv4Addresses" | "ipv6Addresses" | "networkInterfaceNames"> {
  if (!config.agent?.enabled || !vm.running) return { ipv4Addresses: [], ipv6Addresses: [], networkInterfaceNames: [] };
  const own = vm.nics.map((_, index) => vm.addresses[index]?.address?.split("/")[0]);
  return {
    ipv4Addresses: [["127.0.0.1"], ...own.map((address) => (address === undefined ? [] : [address]))],
    ipv6Addresses: [["::1"], ...own.map(() => [])],
    networkInterfaceNames: ["lo", ...own.map((_, index) => `eth${index}`)],
  };
}
