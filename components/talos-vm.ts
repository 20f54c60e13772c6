// The virtual machine of a Talos node. Its addresses come with it (nocloud): Talos asks nobody, and nobody has to ask the machine for them.
import { VmLegacy, type VmLegacyArgs } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import type { VmPlan } from "../plan/plan.ts";

/** Arguments of {@link TalosVm}. */
export interface TalosVmArgs {
  readonly plan: VmPlan;
  /** Id of the Talos image on the machine's host. */
  readonly imageFileId: pulumi.Input<string>;
  /** Whether it refuses to be deleted: with a control plane goes a member of etcd. @default - true */
  readonly protect?: boolean;
}

/** A running machine in Talos's maintenance mode, or whatever was installed on it since. */
export class TalosVm extends pulumi.ComponentResource {
  static readonly type = "homelab:talos:TalosVm";
  /** Id in Proxmox. */
  readonly vmId: pulumi.Output<number>;
  /** Name of the host it is on. */
  readonly host: string;

  constructor(name: string, args: TalosVmArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TalosVm.type, name, { plan: args.plan }, opts);
    const vm = new VmLegacy(`${name}-vm`, vmInputs(args), {
      parent: this,
      protect: args.protect ?? true,
      // The image fills a disk once; Talos upgrades itself in place.
      ignoreChanges: ["disks[0].importFrom"],
    });
    this.vmId = vm.vmId;
    this.host = args.plan.host;
    this.registerOutputs({ vmId: this.vmId });
  }
}

function vmInputs({ plan, imageFileId }: TalosVmArgs): VmLegacyArgs {
  const { datastore: datastoreId } = plan;
  return {
    nodeName: plan.host,
    vmId: plan.id,
    name: plan.name,
    description: "Talos node; made and changed by Pulumi.",
    tags: [...plan.tags].sort(),
    machine: "q35",
    bios: "ovmf",
    // Talos's own boot loader is not signed with the keys that would be enrolled.
    efiDisk: { datastoreId, type: "4m", preEnrolledKeys: false },
    operatingSystem: { type: "l26" },
    scsiHardware: "virtio-scsi-single",
    cpu: { type: "host", cores: plan.cores },
    memory: { dedicated: plan.memoryMiB },
    disks: [
      {
        interface: "scsi0",
        datastoreId,
        size: plan.diskGiB,
        importFrom: imageFileId,
        iothread: true,
        discard: "on",
        ssd: true,
      },
    ],
    networkDevices: plan.nics.map((nic) => ({
      model: "virtio",
      bridge: nic.bridge,
      vlanId: nic.vlanId,
      macAddress: nic.mac,
      mtu: nic.mtu,
      firewall: true,
    })),
    initialization: {
      datastoreId,
      dns: { servers: [...plan.dnsServers], domain: plan.zone },
      ipConfigs: plan.nics.map(({ address, gateway }) => ({
        ipv4: { address, ...(gateway === undefined ? {} : { gateway }) },
      })),
    },
    // The agent is silent until Talos is configured, which is after this machine is made: never wait for it.
    agent: { enabled: true, waitForIp: { disabled: true } },
    onBoot: true,
    // With its host: Proxmox tells it by the agent, and Talos ends its pods without draining them first. What has not ended by then is cut off.
    startup: { order: 1, upDelay: 15, downDelay: plan.stopSeconds },
    // Cores and memory take effect with the next restart of the node, which drains it first: two control planes must never go at once.
    rebootAfterUpdate: false,
    stopOnDestroy: true,
  };
}
