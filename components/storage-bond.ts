// A bond and its tagged interfaces, through the Proxmox API.
import { Bond, type BondArgs } from "@muhlba91/pulumi-proxmoxve/network/linux/bond.js";
import { Vlan } from "@muhlba91/pulumi-proxmoxve/network/linux/vlan.js";
import * as pulumi from "@pulumi/pulumi";
import type { BondPlan, VlanInterfacePlan } from "../plan/plan.ts";
import { renderLacpRate } from "./host-scripts/lacp-rate.ts";
import { createHostCommand, type SshAccess, type SshHost } from "./ssh.ts";

/** Arguments of {@link StorageBond}. */
export interface StorageBondArgs {
  readonly plan: BondPlan;
  readonly host: SshHost;
  readonly ssh: SshAccess;
}

/** A bond of one host that carries no management address, with its VLAN interfaces and their addresses. */
export class StorageBond extends pulumi.ComponentResource {
  static readonly type = "homelab:network:StorageBond";
  /** Interfaces with the host's addresses, e.g. `bond0.48`, known once they are up. */
  readonly interfaceNames: pulumi.Output<string[]>;

  constructor(name: string, args: StorageBondArgs, opts?: pulumi.ComponentResourceOptions) {
    super(StorageBond.type, name, { plan: args.plan }, opts);
    const { plan, host, ssh } = args;
    const bond = new Bond(`${name}-bond`, bondInputs(plan), { parent: this });
    let last: pulumi.Resource = bond;
    if (plan.mode === "802.3ad" && plan.lacpRate === "fast") {
      const script = renderLacpRate(plan);
      last = createHostCommand(`${name}-lacp-rate`, { ssh, host, script }, { parent: this, dependsOn: last });
    }
    const vlans: pulumi.Output<string>[] = [];
    for (const vlan of plan.vlanInterfaces) {
      // Each of them reloads the host's network by itself: never two at a time.
      last = createVlan(`${name}-vlan${vlan.vlanId}`, plan.host, vlan, { parent: this, dependsOn: last });
      vlans.push((last as Vlan).name);
    }
    this.interfaceNames = pulumi.all(vlans);
    this.registerOutputs({ interfaceNames: this.interfaceNames });
  }
}

/** A tagged interface of a host with its address. */
export function createVlan(
  name: string,
  nodeName: string,
  vlan: VlanInterfacePlan,
  opts: pulumi.CustomResourceOptions,
): Vlan {
  const { gateway } = vlan;
  return new Vlan(
    name,
    // Parent and id follow from a name with a dot in it; given as well they would be a difference for ever.
    {
      nodeName,
      name: vlan.name,
      address: vlan.address,
      mtu: vlan.mtu,
      autostart: true,
      ...(gateway === undefined ? {} : { gateway }),
    },
    opts,
  );
}

function bondInputs(plan: BondPlan): BondArgs {
  return {
    nodeName: plan.host,
    name: plan.name,
    slaves: [...plan.members],
    bondMode: plan.mode,
    ...(plan.mode === "802.3ad" ? { bondXmitHashPolicy: plan.xmitHashPolicy } : {}),
    mtu: plan.mtu,
    autostart: true,
  };
}
