// The ids of the planned virtual machines, looked at before any machine is made.
import * as pulumi from "@pulumi/pulumi";
import { renderVmIds } from "./host-scripts/vm-ids.ts";
import { createHostCommand, type SshAccess, type SshHost } from "./ssh.ts";

/** Arguments of {@link VmIds}. */
export interface VmIdsArgs {
  readonly machines: readonly { readonly id: number; readonly name: string; readonly host: string }[];
  /** Any member of the cluster. */
  readonly host: SshHost;
  readonly ssh: SshAccess;
}

/** Machines that are made after this one are not somebody else's. */
export class VmIds extends pulumi.ComponentResource {
  static readonly type = "homelab:proxmox:VmIds";

  constructor(name: string, args: VmIdsArgs, opts?: pulumi.ComponentResourceOptions) {
    const machines = args.machines.map(({ id, name: machine, host }) => ({ id, name: machine, host }));
    super(VmIds.type, name, { machines }, opts);
    const script = renderVmIds({ host: args.host.name, machines });
    createHostCommand(`${name}-check`, { ssh: args.ssh, host: args.host, script }, { parent: this });
    this.registerOutputs({});
  }
}
