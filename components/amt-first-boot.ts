// New machines on the metal are switched on by their AMT, once (docs/decisions/0012).
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { AmtFirstBootPlan, NodePlan } from "../plan/plan.ts";
import { type OperatorAccess, operatorCommand } from "./operator-access.ts";
import { renderAmtFirstBoot } from "./operator-scripts/amt-first-boot.ts";

/** Arguments of {@link AmtFirstBoot}. */
export interface AmtFirstBootArgs {
  /** The machines; those that it does not name are somebody else's to switch on. */
  readonly machines: readonly AmtFirstBootPlan[];
  readonly nodes: readonly NodePlan[];
  readonly access: OperatorAccess;
  /** Password of AMT's user `admin`. Kept secret. */
  readonly password: pulumi.Input<string>;
}

/**
 * Machines that answered once, in maintenance mode or with Talos installed. That is all the state it has: a machine that is switched off
 * later is not switched on again, and deleting the component switches nothing off.
 */
export class AmtFirstBoot extends pulumi.ComponentResource {
  static readonly type = "homelab:metal:AmtFirstBoot";
  /** What a node's configuration waits for, by node. */
  readonly machines: Readonly<Record<string, pulumi.Resource>>;

  constructor(name: string, args: AmtFirstBootArgs, opts?: pulumi.ComponentResourceOptions) {
    super(AmtFirstBoot.type, name, { machines: args.machines.map(({ host }) => host) }, opts);
    const { access, nodes } = args;
    this.machines = Object.fromEntries(
      args.machines.map((machine) => {
        const node = nodes.find((plan) => plan.name === machine.node);
        if (node === undefined) throw new Error(`node ${machine.node} of ${machine.host} is not in the plan`);
        const variables = {
          NODE_NAME: node.name,
          NODE_ADDRESS: node.managementAddress,
          AMT_URL: machine.url,
          AMT_PASSWORD: pulumi.secret(args.password),
          FROM_NETWORK: machine.fromNetwork ? "yes" : "no",
        };
        const inputs = operatorCommand(access, { script: renderAmtFirstBoot(node.name), nodes, variables });
        // Another password or script is no reason to touch a machine that has had its first boot.
        return [
          node.name,
          new command.local.Command(`${name}-${node.name}`, { ...inputs, update: ":" }, { parent: this }),
        ];
      }),
    );
    this.registerOutputs({});
  }
}
