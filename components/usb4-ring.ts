// A USB4 ring of Proxmox hosts: Thunderbolt networking on every host, and a fabric that routes over it, round the other way when a cable
// is pulled. On the metal Talos makes the same of its machine configuration, with routes of two metrics.
import { createHash } from "node:crypto";
import { Applier as SdnApplier } from "@muhlba91/pulumi-proxmoxve/sdn/applier.js";
import { Openfabric as OpenfabricNode } from "@muhlba91/pulumi-proxmoxve/sdn/fabric/node/openfabric.js";
import { Openfabric as OpenfabricFabric } from "@muhlba91/pulumi-proxmoxve/sdn/fabric/openfabric.js";
import * as pulumi from "@pulumi/pulumi";
import type { HostPlan, RingPlan } from "../plan/plan.ts";
import { renderUsb4Check, renderUsb4Links } from "./host-scripts/usb4-links.ts";
import { createHostCommand, type SshAccess } from "./ssh.ts";

/** Arguments of {@link Usb4Ring}. */
export interface Usb4RingArgs {
  readonly plan: RingPlan;
  readonly hosts: readonly Pick<HostPlan, "name" | "managementAddress">[];
  readonly ssh: SshAccess;
}

/** Id of the fabric; SDN takes eight characters. */
const fabricId = "usb4ring";

/** Each member reaches every other at its own address of the ring. Depend on it before storage or migration uses one. */
export class Usb4Ring extends pulumi.ComponentResource {
  static readonly type = "homelab:network:Usb4Ring";
  /** Address of each host, known once the fabric runs. */
  readonly addresses: pulumi.Output<Readonly<Record<string, string>>>;

  constructor(name: string, args: Usb4RingArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Usb4Ring.type, name, { plan: args.plan }, opts);
    const { plan, ssh } = args;
    const onEveryHost = (
      role: string,
      render: (host: string, ports: ReturnType<typeof portsOf>) => string,
      dependsOn: pulumi.Resource[],
    ): pulumi.Resource[] =>
      plan.members.map(({ host: member }) => {
        const host = args.hosts.find((candidate) => candidate.name === member);
        if (host === undefined) throw new Error(`ring member ${member} is no host of the plan`);
        const script = render(member, portsOf(plan, member));
        return createHostCommand(`${name}-${member}-${role}`, { ssh, host, script }, { parent: this, dependsOn });
      });
    const links = onEveryHost("links", (host, ports) => renderUsb4Links({ host, ports, mtu: plan.mtu }), []);
    // An interface is there only when the hosts at both ends of its cable have the driver.
    const cables = onEveryHost("cables", (host, ports) => renderUsb4Check({ host, ports }), links);
    // Goes last, and then the hosts hear that the fabric is gone.
    const removal = new SdnApplier(`${name}-apply-removal`, { onCreate: false }, { parent: this, dependsOn: cables });
    const fabric = new OpenfabricFabric(
      `${name}-fabric`,
      // Seconds. Three missed hellos take a neighbour away; the kernel takes a pulled cable's interface at once.
      { resourceId: fabricId, ipPrefix: plan.prefix, helloInterval: 1, csnpInterval: 10 },
      { parent: this, dependsOn: removal },
    );
    const nodes = plan.members.map(
      ({ host, address }) =>
        new OpenfabricNode(
          `${name}-${host}-node`,
          {
            fabricId: fabric.resourceId,
            nodeId: host,
            ip: address,
            interfaceNames: portsOf(plan, host).map((port) => port.interface),
          },
          { parent: this },
        ),
    );
    const applier = new SdnApplier(
      `${name}-apply`,
      { onDestroy: false },
      // Nothing of the SDN is live before it is applied, and the applier sees no change by itself.
      { parent: this, dependsOn: nodes, replacementTrigger: fingerprint(plan) },
    );
    this.addresses = applier.id.apply(() =>
      Object.fromEntries(plan.members.map(({ host, address }) => [host, address])),
    );
    this.registerOutputs({ addresses: this.addresses });
  }
}

/** A host's cabled ports, by interface. */
function portsOf(plan: RingPlan, host: string): { interface: string; pciPath: string }[] {
  return plan.cables
    .flatMap(({ a, b }) => [a, b])
    .filter((end) => end.host === host)
    .map((end) => ({ interface: end.interface, pciPath: end.pciPath ?? "" }))
    .sort((a, b) => (a.interface < b.interface ? -1 : 1));
}

const fingerprint = (plan: RingPlan): string =>
  createHash("sha256").update(JSON.stringify(plan)).digest("hex").slice(0, 16);
