// Live migration of virtual machines between the hosts of a Proxmox cluster.
import { Options as ClusterOptions } from "@muhlba91/pulumi-proxmoxve/cluster/options.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link LiveMigration}. */
export interface LiveMigrationArgs {
  /**
   * Network that machines move over, e.g. `10.8.48.0/24`. Depend on what gives the hosts their addresses in it: without one on both of its
   * hosts a machine does not move at all. @default - the management network
   */
  readonly migrationPrefix?: string;
}

/** Machines move encrypted, over the network of the plan. */
export class LiveMigration extends pulumi.ComponentResource {
  static readonly type = "homelab:proxmox:LiveMigration";

  constructor(name: string, { migrationPrefix }: LiveMigrationArgs, opts?: pulumi.ComponentResourceOptions) {
    super(LiveMigration.type, name, { migrationPrefix }, opts);
    new ClusterOptions(
      `${name}-options`,
      { migrationType: "secure", ...(migrationPrefix === undefined ? {} : { migrationCidr: migrationPrefix }) },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
