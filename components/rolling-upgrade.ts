// Talos and Kubernetes follow the versions of the description: one node after the other, and only while everything else is well.
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan, NodePlan } from "../plan/plan.ts";
import { renderCephSteady } from "./host-scripts/ceph-steady.ts";
import { type OperatorAccess, operatorCommand } from "./operator-access.ts";
import { renderUpgradeKubernetes } from "./operator-scripts/upgrade-kubernetes.ts";
import { renderUpgradeNode } from "./operator-scripts/upgrade-node.ts";
import { createHostCommand, type SshAccess, type SshHost } from "./ssh.ts";
import { refuseVersionStep } from "./version-step.ts";

/** Arguments of {@link RollingUpgrade}. */
export interface RollingUpgradeArgs {
  readonly cluster: ClusterPlan;
  readonly nodes: readonly NodePlan[];
  readonly access: OperatorAccess;
  /** Container image Talos installs itself from; it carries version and schematic. */
  readonly installerImage: pulumi.Input<string>;
  /** Host that is asked, before each node, whether Ceph has all its copies. @default - volumes do not come from Ceph */
  readonly ceph?: { readonly host: SshHost; readonly ssh: SshAccess };
  /** How long pods may take to leave a node, as kubectl writes it. @default - `300s` */
  readonly drainTimeout?: string;
}

/**
 * Every node runs the planned Talos, and all of them the planned Kubernetes. It stands before the nodes' configuration: that names the same
 * versions and finds them running, so it never moves a component by itself. On a new cluster there is nothing to do.
 */
export class RollingUpgrade extends pulumi.ComponentResource {
  static readonly type = "homelab:lifecycle:RollingUpgrade";

  constructor(name: string, args: RollingUpgradeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, nodes, access } = args;
    super(RollingUpgrade.type, name, { talos: cluster.talosVersion, kubernetes: cluster.kubernetesVersion }, opts);
    let previous: pulumi.Resource | undefined;
    const after = (): pulumi.ResourceOptions => ({
      parent: this,
      ...(previous === undefined ? {} : { dependsOn: previous }),
    });
    for (const node of upgradeOrder(cluster, nodes)) {
      if (args.ceph !== undefined) {
        const { host, ssh } = args.ceph;
        const script = renderCephSteady({ host: host.name, before: `${node.name} gets Talos ${cluster.talosVersion}` });
        previous = createHostCommand(`${name}-${node.name}-ceph`, { ssh, host, script }, after());
      }
      previous = new command.local.Command(
        `${name}-${node.name}`,
        operatorCommand(access, {
          script: renderUpgradeNode(node.name),
          nodes,
          variables: {
            NODE_NAME: node.name,
            NODE_ADDRESS: node.managementAddress,
            INSTALLER_IMAGE: args.installerImage,
            DRAIN_TIMEOUT: args.drainTimeout ?? "300s",
          },
        }),
        after(),
      );
    }
    previous = new command.local.Command(
      `${name}-kubernetes`,
      operatorCommand(access, {
        script: renderUpgradeKubernetes(cluster.name),
        nodes,
        variables: { KUBERNETES_VERSION: cluster.kubernetesVersion },
      }),
      after(),
    );
    // What the cluster has reached stands in the state only once it has: a preview compares the description with it.
    new command.local.Command(
      `${name}-reached`,
      {
        create: `printf '%s %s' "$TALOS_VERSION" "$KUBERNETES_VERSION"`,
        environment: {
          ...access.environment,
          TALOS_VERSION: cluster.talosVersion,
          KUBERNETES_VERSION: cluster.kubernetesVersion,
        },
      },
      { ...after(), hooks: { beforeUpdate: [versionHook(name)] } },
    );
    this.registerOutputs({});
  }
}

/** Control planes before workers, the one that carries the API's address and etcd's first member last of them. */
export function upgradeOrder(cluster: ClusterPlan, nodes: readonly NodePlan[]): NodePlan[] {
  const rank = (node: NodePlan): number => (node.role === "worker" ? 2 : node.name === cluster.bootstrapNode ? 1 : 0);
  return [...nodes].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

/** Refuses a step that no script would take, in the preview already. */
function versionHook(name: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `${name}-versions`,
    ({ oldInputs, newInputs }) => {
      const version = (inputs: Record<string, unknown> | undefined, key: string): string =>
        String((inputs?.["environment"] as Record<string, unknown> | undefined)?.[key] ?? "");
      const refusals = (["Talos", "Kubernetes"] as const).flatMap((what) => {
        const key = `${what.toUpperCase()}_VERSION`;
        return refuseVersionStep(what, version(oldInputs, key), version(newInputs, key)) ?? [];
      });
      if (refusals.length > 0) throw new Error(refusals.join("\n"));
    },
    { onDryRun: true },
  );
}
