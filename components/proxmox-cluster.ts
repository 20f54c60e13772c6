// The Proxmox cluster. Until a host is a member its API can be asked only by itself, so this comes before what the API does on it; the links
// over networks that the API makes are added afterwards (corosync-links.ts).
import * as pulumi from "@pulumi/pulumi";
import type { ProxmoxClusterPlan } from "../plan/plan.ts";
import {
  renderClusterAdmit,
  renderClusterCreate,
  renderClusterIntroduce,
  renderClusterJoin,
} from "./host-scripts/cluster.ts";
import { createHostCommand, type SshAccess } from "./ssh.ts";

/** Arguments of {@link ProxmoxCluster}. */
export interface ProxmoxClusterArgs {
  readonly plan: ProxmoxClusterPlan;
  readonly ssh: SshAccess;
}

/** A cluster of all hosts with quorum over the management network. */
export class ProxmoxCluster extends pulumi.ComponentResource {
  static readonly type = "homelab:proxmox:ProxmoxCluster";
  /** Name of the cluster, known once all hosts are members and have quorum. */
  readonly clusterName: pulumi.Output<string>;

  constructor(name: string, args: ProxmoxClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super(ProxmoxCluster.type, name, { plan: args.plan }, opts);
    const { plan, ssh } = args;
    const members = plan.members.map((member) => ({ name: member.host, managementAddress: managementLink(member) }));
    const first = members.find((member) => member.name === plan.first);
    if (first === undefined)
      throw new Error(`${plan.first}, the first of cluster ${plan.name}, is none of its members`);
    const identity = { cluster: plan.name, firstAddress: first.managementAddress };
    const created = createHostCommand(
      `${name}-${first.name}-create`,
      {
        ssh,
        host: first,
        script: renderClusterCreate({ ...identity, host: first.name, address: first.managementAddress }),
      },
      { parent: this },
    );
    let last = created;
    for (const host of members.filter((member) => member !== first)) {
      const introduced = createHostCommand(
        `${name}-${host.name}-introduce`,
        { ssh, host, script: renderClusterIntroduce({ ...identity, host: host.name }), stdin: created.stdout },
        // One host at a time: a join stops the cluster's file system on the joining host and asks all others for their vote.
        { parent: this, dependsOn: last },
      );
      const admitted = createHostCommand(
        `${name}-${host.name}-admit`,
        {
          ssh,
          host: first,
          script: renderClusterAdmit({ host: first.name, joining: host.name }),
          stdin: introduced.stdout,
        },
        { parent: this, dependsOn: introduced },
      );
      const script = renderClusterJoin({ ...identity, host: host.name, address: host.managementAddress });
      last = createHostCommand(
        `${name}-${host.name}-join`,
        { ssh, host, script },
        { parent: this, dependsOn: admitted },
      );
    }
    this.clusterName = last.id.apply(() => plan.name);
    this.registerOutputs({ clusterName: this.clusterName });
  }
}

function managementLink(member: ProxmoxClusterPlan["members"][number]): string {
  const [address] = member.links;
  if (address === undefined) throw new Error(`${member.host} has no address for corosync`);
  return address;
}
