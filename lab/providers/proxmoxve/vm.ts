// Virtual machines.

import { randomUUID } from "node:crypto";
import { type CheckFailure, type Context, resource } from "../../plugin/contract.ts";
import { FIREWALL_KINDS } from "../../rack/host-firewall.ts";
import { hosts } from "../../rack/hosts.ts";
import { requireMigration } from "../../rack/migration.ts";
import { extraAddresses, ownerOf } from "../../rack/stations.ts";
import { volumeOf } from "../../rack/storage.ts";
import type { Rack } from "../../rack/store.ts";
import { settle } from "../../rack/talos/cluster.ts";
import { startVm, stopVm, type Vm, type VmNic, vms } from "../../rack/vms.ts";
import { apiError, clusterApi, nodeApi, parameterError } from "./api.ts";
import { type VmInput, type VmState, vmAddresses, vmNics, vmState } from "./vm-config.ts";
import { createDisks, removeDisks, updateDisks } from "./vm-disks.ts";

const FIRST_VMID = 100;
const DNS_NAME = /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$/;
const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;

function nextVmid(rack: Rack): number {
  const taken = new Set(
    vms(rack)
      .list()
      .map(({ body }) => body.vmid),
  );
  let vmid = FIRST_VMID;
  while (taken.has(vmid)) vmid += 1;
  return vmid;
}

function check(inputs: Partial<VmInput>): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const { vmId, name, tags, networkDevices } = inputs;
  if (typeof vmId === "number" && (vmId < FIRST_VMID || vmId > 999_999_999))
    failures.push({ property: "vmId", reason: `expected vm_id to be in the range (100 - 999999999), got ${vmId}` });
  if (typeof name === "string" && !DNS_NAME.test(name))
    failures.push({ property: "name", reason: `must be a valid DNS name, got "${name}"` });
  for (const [index, nic] of (Array.isArray(networkDevices) ? networkDevices : []).entries()) {
    const { macAddress } = nic;
    if (typeof macAddress !== "string") continue;
    const where = `networkDevices[${index}].macAddress`;
    if (!MAC.test(macAddress)) failures.push({ property: where, reason: `"${macAddress}" is not a MAC address` });
    else if (Number.parseInt(macAddress.slice(0, 2), 16) & 1)
      failures.push({ property: where, reason: `"${macAddress}" is a multicast address; a NIC has a unicast one` });
  }
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === "string") && tags.join() !== [...tags].sort().join()) {
    failures.push({
      property: "tags",
      reason: `Proxmox sorts tags, so this order would be a difference for ever; give them as ${[...tags].sort().join(", ")}`,
    });
  }
  return failures;
}

/** Addresses and MACs are unique on the wire, whoever uses them. */
function requireFree(
  rack: Rack,
  vmid: number,
  name: string,
  nics: readonly VmNic[],
  addresses: readonly { address?: string }[],
): void {
  for (const { body: other } of vms(rack).list()) {
    if (other.vmid === vmid) continue;
    const index = other.nics.findIndex(({ mac }) => nics.some((nic) => nic.mac === mac));
    if (index >= 0)
      throw apiError(
        500,
        `MAC address ${other.nics[index]?.mac} is already used by VM ${other.vmid} (${other.name}, net${index})`,
      );
  }
  for (const { address } of addresses) {
    const owner = address === undefined || address === "dhcp" ? undefined : ownerOf(rack, address, name);
    if (owner)
      throw apiError(
        500,
        `start failed: duplicate address ${address} detected for VM ${vmid}, in use by ${owner.owner} (${owner.interface})`,
      );
  }
}

function requireMappings(rack: Rack, inputs: VmInput): void {
  for (const { device, mapping } of inputs.hostpcis ?? []) {
    if (mapping !== undefined && !rack.collection("pve mapping pci").get(mapping))
      throw apiError(500, `${device}: PCI device mapping '${mapping}' not found`);
  }
}

function body(vmid: number, inputs: VmInput, before: Vm | undefined): Omit<Vm, "disks" | "running"> {
  return {
    vmid,
    uuid: before?.uuid ?? randomUUID(),
    name: inputs.name ?? `VM${vmid}`,
    host: inputs.nodeName,
    cores: (inputs.cpu?.cores ?? 1) * (inputs.cpu?.sockets ?? 1),
    memoryMiB: inputs.memory?.dedicated ?? 512,
    nics: vmNics(vmid, inputs),
    addresses: vmAddresses(inputs),
    dnsServers: inputs.initialization?.dns?.servers ?? [],
    tags: [...(inputs.tags ?? [])].sort(),
    onBoot: inputs.onBoot,
    protection: inputs.protection,
    config: { ...inputs },
    bootCount: before?.bootCount ?? 0,
  };
}

/** The agent answers when the guest has it; until then the plug-in waits for an address, and goes on without one. */
function warnAboutAgent({ warn }: Context, vmid: number, inputs: VmInput): void {
  const { agent } = inputs;
  if (!agent?.enabled || agent.waitForIp?.disabled) return;
  const hasStatic = vmAddresses(inputs).some(({ address }) => address !== undefined);
  if (!hasStatic)
    warn(
      `timeout while waiting for the QEMU agent on VM "${vmid}" to publish the network interfaces (after ${agent.timeout})`,
    );
}

/** A machine that is being backed up, moved or copied is left alone until that has ended (PVE::AbstractConfig, check_lock). */
function requireUnlocked({ lock }: Vm): void {
  if (lock !== undefined) throw apiError(500, `VM is locked (${lock})`);
}

/** A change of these takes effect with the next start of the machine. */
function needsReboot(before: Vm, after: Omit<Vm, "disks" | "running">): boolean {
  const what = ({ cores, memoryMiB, nics, addresses, dnsServers }: Omit<Vm, "disks" | "running">) =>
    JSON.stringify([cores, memoryMiB, nics, addresses, dnsServers]);
  return what(before) !== what(after);
}

function move(rack: Rack, from: string, target: string): void {
  try {
    requireMigration(rack, from, target);
  } catch (error) {
    throw apiError(500, `migration aborted: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function create(context: Context, inputs: VmInput) {
  const { rack } = context;
  const node = inputs.nodeName;
  nodeApi(context, node);
  clusterApi(context, "write");
  const vmid = inputs.vmId ?? nextVmid(rack);
  const taken = vms(rack).get(String(vmid));
  if (taken)
    throw new Error(
      `error creating VM: ${apiError(500, `unable to create VM ${vmid}: VM ${vmid} already exists on node '${taken.host}'`).message}`,
    );
  if (inputs.clone) throw apiError(500, "cloning is not simulated; create the VM from an image");
  if (inputs.cdrom?.fileId && inputs.cdrom.fileId !== "none" && !volumeOf(rack, node, inputs.cdrom.fileId))
    throw apiError(500, `volume '${inputs.cdrom.fileId}' does not exist`);
  const cpus = hosts(rack).get(node)?.cpuCores ?? 0;
  const made = body(vmid, inputs, undefined);
  if (made.cores > cpus) throw parameterError({ cores: `MAX ${cpus} vcpus allowed per VM on this node` });
  requireMappings(rack, inputs);
  requireFree(rack, vmid, made.name, made.nics, made.addresses);
  const vm: Vm = { ...made, disks: createDisks(rack, vmid, inputs), running: false };
  vms(rack).put(String(vmid), vm);
  if (inputs.started !== false && !inputs.template) {
    startVm(rack, vmid);
    warnAboutAgent(context, vmid, inputs);
  }
  return vms(rack).get(String(vmid)) ?? vm;
}

function update(context: Context, id: string, inputs: VmInput): Vm {
  const { rack } = context;
  const before = vms(rack).get(id);
  if (!before)
    throw apiError(500, `Configuration file 'nodes/${inputs.nodeName}/qemu-server/${id}.conf' does not exist`);
  nodeApi(context, before.host);
  nodeApi(context, inputs.nodeName);
  clusterApi(context, "write");
  requireUnlocked(before);
  if (before.running && before.host !== inputs.nodeName) move(rack, before.host, inputs.nodeName);
  const after = body(before.vmid, inputs, before);
  requireFree(rack, before.vmid, after.name, after.nics, after.addresses);
  vms(rack).put(id, {
    ...after,
    disks: updateDisks(rack, { ...before, host: inputs.nodeName }, inputs),
    running: before.running,
  });
  const shouldRun = inputs.started !== false && !inputs.template;
  if (!shouldRun) stopVm(rack, before.vmid);
  else if (before.running && needsReboot(before, after) && inputs.rebootAfterUpdate) {
    stopVm(rack, before.vmid);
    startVm(rack, before.vmid);
  } else startVm(rack, before.vmid);
  return vms(rack).get(id) ?? before;
}

/** Virtual machines, by token. */
export const vmResources = {
  "proxmoxve:index/vmLegacy:VmLegacy": resource<VmInput, VmState>({
    latencyMs: { create: 45_000, update: 10_000, delete: 10_000, read: 200 },
    autoname: "name",
    // A move is a migration only when the program says so.
    replaces: ({ migrate }) => (migrate ? [] : ["nodeName"]),
    volatile: ["ipv4Addresses", "ipv6Addresses", "networkInterfaceNames", "macAddresses"],
    check,
    create(context, inputs) {
      const vm = create(context, inputs);
      return { id: String(vm.vmid), outputs: vmState(vm) };
    },
    read(context, id, state) {
      // Import: `node/vmid`.
      const vmid = id.split("/").at(-1) ?? id;
      const vm = vms(context.rack).get(vmid);
      nodeApi(context, vm?.host ?? state.nodeName ?? id.split("/")[0] ?? "");
      return vm ? { id: vmid, outputs: vmState(vm) } : undefined;
    },
    update: (context, id, inputs) => vmState(update(context, id, inputs)),
    delete(context, id) {
      const vm = vms(context.rack).get(id);
      if (!vm) return;
      nodeApi(context, vm.host);
      clusterApi(context, "write");
      requireUnlocked(vm);
      if (vm.protection) throw apiError(500, `can't remove VM ${id} - protection mode enabled`);
      if (context.rack.collection("pve ha resource").get(`vm:${id}`))
        throw apiError(500, `unable to remove VM ${id} - used in HA resources and purge parameter not set`);
      stopVm(context.rack, vm.vmid);
      removeDisks(context.rack, vm);
      vms(context.rack).delete(id);
      // The machine's own firewall goes with it (PVE::Firewall, remove_vmfw_conf).
      for (const kind of [FIREWALL_KINDS.options, FIREWALL_KINDS.rules])
        context.rack.collection(kind).delete(`vm/${vm.host}/${id}`);
      const own = vm.addresses.map(({ address }) => address?.split("/")[0]);
      const extra = extraAddresses(context.rack);
      for (const { id: address, body } of extra.list()) if (own.includes(body.at)) extra.delete(address);
      // What was installed on its disks is gone with them, and a cluster with its last one.
      settle(context.rack);
    },
  }),
};
