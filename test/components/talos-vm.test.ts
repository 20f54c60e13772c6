import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { TalosVm, type TalosVmArgs } from "../../components/talos-vm.ts";
import type { VmPlan } from "../../plan/plan.ts";
import { type RecordedResource, recordResources } from "../support/record-resources.ts";

const plan: VmPlan = {
  ...{ id: 8001, name: "node-1", host: "pve-a", cores: 8, memoryMiB: 32_768, diskGiB: 100, datastore: "local-lvm" },
  nics: [
    {
      ...{ name: "eth0", bridge: "vmbr0", vlanId: 16, mac: "02:00:00:00:00:01", mtu: 1500 },
      ...{ address: "192.0.2.20/24", gateway: "192.0.2.1" },
    },
    { name: "eth1", bridge: "vmbr0", vlanId: 28, mac: "02:00:00:00:00:02", mtu: 1500, address: "198.51.100.2/22" },
  ],
  tags: ["talos", "controlplane"],
  dnsServers: ["192.0.2.1"],
  zone: "example.test",
  stopSeconds: 150,
};

async function machine(change: Partial<TalosVmArgs> = {}): Promise<RecordedResource> {
  const args = { plan, imageFileId: pulumi.output("local:import/talos.qcow2"), ...change };
  const recording = await recordResources(() => new TalosVm("node-1", args));
  return recording.named("node-1-vm");
}

describe("TalosVm", () => {
  it("is exactly the planned machine", async () => {
    const { inputs, parent, type } = await machine();
    assert.deepEqual([type, parent], ["proxmoxve:index/vmLegacy:VmLegacy", "node-1"]);
    assert.deepEqual(inputs, {
      nodeName: "pve-a",
      vmId: 8001,
      name: "node-1",
      description: "Talos node; made and changed by Pulumi.",
      tags: ["controlplane", "talos"],
      machine: "q35",
      bios: "ovmf",
      efiDisk: { datastoreId: "local-lvm", type: "4m", preEnrolledKeys: false },
      operatingSystem: { type: "l26" },
      scsiHardware: "virtio-scsi-single",
      cpu: { type: "host", cores: 8 },
      memory: { dedicated: 32_768 },
      disks: [
        {
          ...{ interface: "scsi0", datastoreId: "local-lvm", size: 100, importFrom: "local:import/talos.qcow2" },
          ...{ iothread: true, discard: "on", ssd: true },
        },
      ],
      networkDevices: [
        { model: "virtio", bridge: "vmbr0", vlanId: 16, macAddress: "02:00:00:00:00:01", mtu: 1500, firewall: true },
        { model: "virtio", bridge: "vmbr0", vlanId: 28, macAddress: "02:00:00:00:00:02", mtu: 1500, firewall: true },
      ],
      initialization: {
        datastoreId: "local-lvm",
        dns: { servers: ["192.0.2.1"], domain: "example.test" },
        ipConfigs: [
          { ipv4: { address: "192.0.2.20/24", gateway: "192.0.2.1" } },
          { ipv4: { address: "198.51.100.2/22" } },
        ],
      },
      agent: { enabled: true, waitForIp: { disabled: true } },
      onBoot: true,
      startup: { order: 1, upDelay: 15, downDelay: 150 },
      rebootAfterUpdate: false,
      stopOnDestroy: true,
    });
  });

  it("keeps the order of its NICs, and an address beside its NIC: eth0 comes first because net0 does", async () => {
    const { inputs } = await machine({ plan: { ...plan, nics: [...plan.nics].reverse() } });
    const devices = inputs["networkDevices"] as { vlanId: number }[];
    const { ipConfigs } = inputs["initialization"] as { ipConfigs: { ipv4: { address: string } }[] };
    assert.deepEqual(
      devices.map((device) => device.vlanId),
      [28, 16],
    );
    assert.deepEqual(
      ipConfigs.map((config) => config.ipv4.address),
      ["198.51.100.2/22", "192.0.2.20/24"],
    );
  });

  it("is not replaced by another image", async () => {
    assert.deepEqual((await machine()).ignoreChanges, ["disks[0].importFrom"]);
  });

  it("refuses to be deleted, unless told otherwise", async () => {
    assert.equal((await machine()).protect, true);
    assert.equal((await machine({ protect: false })).protect, false);
  });
});
