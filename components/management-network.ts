// The network that a host is reached by. It comes before everything else, and by SSH: the API of a host outside the cluster cannot be
// asked through another one.
import * as pulumi from "@pulumi/pulumi";
import type { HostPlan } from "../plan/plan.ts";
import { apiInterfaceNames } from "./host-links.ts";
import { renderManagementNetwork } from "./host-scripts/management-network.ts";
import { createHostCommand, type SshAccess } from "./ssh.ts";

/** Arguments of {@link ManagementNetwork}. */
export interface ManagementNetworkArgs {
  readonly plan: HostPlan;
  readonly ssh: SshAccess;
}

/**
 * The management bridge of one host with its VLANs and address, all in one step: a host that would no longer be reached goes back by itself.
 * Let one host wait for the other, so that a mistake takes one of them and not all.
 */
export class ManagementNetwork extends pulumi.ComponentResource {
  static readonly type = "homelab:network:ManagementNetwork";
  /** Known once the host is reached by its planned network. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: ManagementNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super(ManagementNetwork.type, name, { host: args.plan.name }, opts);
    const { plan, ssh } = args;
    const script = renderManagementNetwork({
      host: plan.name,
      interfacesFile: plan.interfacesFile,
      interface: plan.managementInterface,
      address: plan.managementAddress,
      ...(plan.managementGateway === undefined ? {} : { gateway: plan.managementGateway }),
      keptInterfaces: apiInterfaceNames(plan),
    });
    const interfaces = createHostCommand(`${name}-interfaces`, { ssh, host: plan, script }, { parent: this });
    this.address = interfaces.stdout.apply(() => plan.managementAddress);
    this.registerOutputs({ address: this.address });
  }
}
