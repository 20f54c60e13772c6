// What every script on the operator's machine is given: how it gets at the cluster.
import type * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { NodePlan } from "../plan/plan.ts";

/** Access of scripts on the operator's machine. */
export interface OperatorAccess {
  /** Administrator's talosconfig. Secret. */
  readonly talosconfig: pulumi.Output<string>;
  /** How many nodes have the data of each LINSTOR volume. @default - nothing is stored on the nodes */
  readonly linstorReplicas?: number;
  /** Further variables, e.g. a proxy. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs the script that stands in the environment: the command's own text is what Pulumi shows when it fails. */
const run = 'eval "$SCRIPT"';

/** What a local command needs to run a script. */
export interface OperatorCommand {
  readonly script: string;
  readonly nodes: readonly NodePlan[];
  readonly variables: Readonly<Record<string, pulumi.Input<string>>>;
}

/**
 * Inputs of a local command. The script finds `FIRST_RUN=yes` when the resource is made, and not when it is changed; with both it has to
 * find out by itself what there is to do.
 */
export function operatorCommand(
  access: OperatorAccess,
  { script, nodes, variables }: OperatorCommand,
): command.local.CommandArgs {
  return {
    create: `FIRST_RUN=yes; ${run}`,
    update: run,
    environment: operatorEnvironment(access, nodes, { ...variables, SCRIPT: script }),
  };
}

/** Environment of a script; secret as a whole, since the talosconfig is in it. */
function operatorEnvironment(
  access: OperatorAccess,
  nodes: readonly NodePlan[],
  own: Readonly<Record<string, pulumi.Input<string>>>,
): Record<string, pulumi.Input<string>> {
  const controlPlanes = nodes.filter((node) => node.role === "controlplane").map((node) => node.managementAddress);
  return {
    ...access.environment,
    TALOSCONFIG_TEXT: access.talosconfig,
    CONTROL_PLANES: controlPlanes.join(" "),
    ...(access.linstorReplicas === undefined
      ? { STORAGE: "" }
      : { STORAGE: "linstor", REPLICAS: String(access.linstorReplicas) }),
    ...own,
  };
}
