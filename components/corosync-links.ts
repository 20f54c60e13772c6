// Further ways for corosync, once the networks they run over are there.
import * as pulumi from "@pulumi/pulumi";
import type { ProxmoxClusterPlan } from "../plan/plan.ts";
import { renderCorosyncLinks } from "./host-scripts/corosync-links.ts";
import { createHostCommand, type SshAccess } from "./ssh.ts";

/** Arguments of {@link CorosyncLinks}. */
export interface CorosyncLinksArgs {
  readonly plan: ProxmoxClusterPlan;
  readonly ssh: SshAccess;
}

/** All hosts hear each other over every network they share; with one network, or one host, there is nothing to do. */
export class CorosyncLinks extends pulumi.ComponentResource {
  static readonly type = "homelab:proxmox:CorosyncLinks";
  /** Links of each host, known once corosync uses them. */
  readonly linkCount: pulumi.Output<number>;

  constructor(name: string, args: CorosyncLinksArgs, opts?: pulumi.ComponentResourceOptions) {
    super(CorosyncLinks.type, name, { plan: args.plan }, opts);
    const { plan, ssh } = args;
    const [first] = plan.members.filter((member) => member.host === plan.first);
    const links = first?.links ?? [];
    const [managementAddress] = links;
    this.linkCount = pulumi.output(links.length);
    if (managementAddress !== undefined && links.length > 1 && plan.members.length > 1) {
      const script = renderCorosyncLinks({ host: plan.first, members: plan.members });
      const host = { name: plan.first, managementAddress };
      const written = createHostCommand(`${name}-configuration`, { ssh, host, script }, { parent: this });
      this.linkCount = written.stdout.apply(() => links.length);
    }
    this.registerOutputs({ linkCount: this.linkCount });
  }
}
