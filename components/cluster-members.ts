// Who belongs to the cluster: nodes join by their configuration, and leave it in order before their machines go.
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan, NodePlan } from "../plan/plan.ts";
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
    const held = nodes.filter((node) => !mayGo(node)).map((node) => [node.name, node.holds]);
    // What the next run's preview compares with. Without a secret in it: a hook is given those as promises only.
    const record = new command.local.Command(
      `${name}-record`,
      {
        create: ":",
        environment: { ...access.environment, NODES: names, HELD: JSON.stringify(Object.fromEntries(held)) },
      },
      { parent: this, hooks: { beforeUpdate: [heldHook(name)] } },
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

/** Whether a node may vanish from the description just so: it holds nothing, or the description has said that it is to go. */
export function mayGo(node: NodePlan): boolean {
  return node.retire || node.holds.length === 0;
}

/** Refuses, in the preview already, that a node vanishes which holds something and was not announced. */
function heldHook(name: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `${name}-held`,
    ({ oldInputs, newInputs }) => {
      const variable = (inputs: Record<string, unknown> | undefined, key: string): string =>
        String((inputs?.["environment"] as Record<string, unknown> | undefined)?.[key] ?? "");
      const stay = variable(newInputs, "NODES").split(" ");
      const held = JSON.parse(variable(oldInputs, "HELD") || "{}") as Record<string, string[]>;
      const lost = Object.entries(held).filter(([node]) => !stay.includes(node));
      if (lost.length === 0) return;
      const lines = lost.map(
        ([node, what]) =>
          `nodes.${node} is not in the description any more, and holds ${what.join(" and ")}; put it back with "retire: true", run up, then remove it`,
      );
      throw new Error(lines.join("\n"));
    },
    { onDryRun: true },
  );
}
