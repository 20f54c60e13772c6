// The first step of every run: do the versions wanted follow those that run? Nothing else of the stack changes before it is answered.
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan, NodePlan } from "../plan/plan.ts";
import { type OperatorAccess, operatorCommand } from "./operator-access.ts";
import { renderUpgradeCheck } from "./operator-scripts/upgrade-check.ts";

/** Arguments of {@link VersionCheck}. */
export interface VersionCheckArgs {
  readonly cluster: ClusterPlan;
  readonly nodes: readonly NodePlan[];
  readonly access: OperatorAccess;
}

/** What may be built: no version goes back or skips a minor release, no volume changes its encryption, and etcd was saved before. */
export class VersionCheck extends pulumi.ComponentResource {
  static readonly type = "homelab:lifecycle:VersionCheck";

  constructor(name: string, args: VersionCheckArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, nodes, access } = args;
    super(VersionCheck.type, name, { talos: cluster.talosVersion, kubernetes: cluster.kubernetesVersion }, opts);
    new command.local.Command(
      `${name}-check`,
      operatorCommand(access, {
        script: renderUpgradeCheck(cluster.name),
        nodes,
        variables: {
          TALOS_VERSION: cluster.talosVersion,
          KUBERNETES_VERSION: cluster.kubernetesVersion,
          ENCRYPTED: encryptedVolumes(nodes).join(" "),
          NODES: nodes.map((node) => node.managementAddress).join(" "),
          SNAPSHOT_NAME: `${cluster.name}-before-${cluster.talosVersion}-${cluster.kubernetesVersion}`,
        },
      }),
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** `<address>/<volume>` of every volume that is encrypted. */
const encryptedVolumes = (nodes: readonly NodePlan[]): string[] =>
  nodes.flatMap(({ managementAddress, encryption }) =>
    Object.keys(encryption).map((volume) => `${managementAddress}/${volume}`),
  );
