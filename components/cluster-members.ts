// Who belongs to the cluster: nodes join by their configuration, and leave it in order before their machines go.
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan, NodePlan } from "../plan/plan.ts";
import { heldHook, heldRecord } from "./held-hook.ts";
import { type OperatorAccess, operatorCommand } from "./operator-access.ts";
import { renderMarkMembers } from "./operator-scripts/mark-members.ts";
import { renderRemoveNode } from "./operator-scripts/remove-node.ts";
import { upgradeOrder } from "./rolling-upgrade.ts";

/** Arguments of {@link ClusterMembers}. */
export interface ClusterMembersArgs {
  readonly cluster: ClusterPlan;
  readonly nodes: readonly NodePlan[];
  readonly access: OperatorAccess;
  /** What a node consists of (machine, configuration), by name: none of it goes before the node has left. */
  readonly parts: Readonly<Record<string, readonly pulumi.Resource[]>>;
}

/**
 * Every node is Ready. One that the description does not name any more is drained, its data moved, taken out of etcd, wiped and deleted,
 * one after the other, before its machine is.
 */
export class ClusterMembers extends pulumi.ComponentResource {
  static readonly type = "homelab:lifecycle:ClusterMembers";

  constructor(name: string, args: ClusterMembersArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, nodes, access, parts } = args;
    super(ClusterMembers.type, name, { nodes: nodes.map((node) => node.name) }, opts);
    const names = nodes.map((node) => node.name).join(" ");
    // What the next run's preview compares with.
    const record = new command.local.Command(
      `${name}-record`,
      {
        create: ":",
        environment: { ...access.environment, ...heldRecord(nodes) },
      },
      { parent: this, hooks: { beforeUpdate: [heldHook(`${name}-held`, "nodes")] } },
    );
    const marked = new command.local.Command(
      `${name}-nodes`,
      operatorCommand(access, { script: renderMarkMembers(cluster.name), nodes, variables: { NODES: names } }),
      { parent: this, dependsOn: record },
    );
    let previous: pulumi.Resource = marked;
    for (const node of upgradeOrder(cluster, nodes)) {
      const { environment } = operatorCommand(access, {
        script: renderRemoveNode(node.name),
        nodes,
        variables: { NODE_NAME: node.name, NODE_ADDRESS: node.managementAddress, ROLE: node.role },
      });
      previous = new command.local.Command(
        `${name}-${node.name}`,
        { create: ":", delete: 'eval "$SCRIPT"', ...(environment === undefined ? {} : { environment }) },
        // A chain: those that go, go one after the other.
        { parent: this, dependsOn: [previous, ...(parts[node.name] ?? [])] },
      );
    }
    this.registerOutputs({});
  }
}
