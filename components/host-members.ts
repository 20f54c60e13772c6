// Which hosts there are: one that holds data or votes goes only after it was announced and emptied.
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostPlan } from "../plan/plan.ts";
import { heldHook, heldRecord } from "./held-hook.ts";
import { renderHostsGone } from "./host-scripts/hosts-gone.ts";
import { createHostCommand, type SshAccess } from "./ssh.ts";

/** Arguments of {@link HostMembers}. */
export interface HostMembersArgs {
  /** At least one. */
  readonly hosts: readonly Pick<HostPlan, "name" | "managementAddress" | "holds" | "retire" | "keeps">[];
  readonly ssh: SshAccess;
  /** Of commands on the operator's machine. */
  readonly environment: Readonly<Record<string, string>>;
}

/** No host vanishes from the description unannounced, nor while it serves Ceph: a preview compares with the last run, an update asks Ceph. */
export class HostMembers extends pulumi.ComponentResource {
  static readonly type = "homelab:lifecycle:HostMembers";

  constructor(name: string, args: HostMembersArgs, opts?: pulumi.ComponentResourceOptions) {
    const { hosts, ssh, environment } = args;
    const names = hosts.map((host) => host.name);
    super(HostMembers.type, name, { hosts: names }, opts);
    const record = new command.local.Command(
      `${name}-record`,
      { create: ":", environment: { ...environment, ...heldRecord(hosts) } },
      { parent: this, hooks: { beforeUpdate: [heldHook(`${name}-held`, "hosts")] } },
    );
    const [host] = hosts;
    if (host === undefined) throw new Error("a Proxmox cluster without a host");
    const script = renderHostsGone({ host: host.name, hosts: names });
    createHostCommand(`${name}-gone`, { ssh, host, script }, { parent: this, dependsOn: record });
    this.registerOutputs({});
  }
}
