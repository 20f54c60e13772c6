// Management controllers of hosts: where they answer, and which of them switch their machine on for its first boot (decision 0012).
import type { Environment } from "../config/schema.ts";
import type { Cables } from "./cables.ts";
import type { Draft, DraftVlan } from "./draft.ts";
import { sortedEntries } from "./order.ts";
import type { AmtFirstBootPlan, OutOfBandPlan } from "./plan.ts";

type Host = Environment["hosts"][string];
type Controller = NonNullable<Host["outOfBand"]>;

/** Ports of AMT's WS-Management (Intel AMT SDK, manageability ports). */
const amtPorts = { tls: 16993, plain: 16992 } as const;

/** Checks the controller of one host and claims its address. */
export function readOutOfBand(draft: Draft, name: string, host: Host, cables: Cables): void {
  const controller = host.outOfBand;
  if (controller === undefined) return;
  const path = `hosts.${name}.outOfBand`;
  const vlan = claimAddress(draft, `${path}.address`, controller);
  const isInLacp = checkSharedNic(draft, path, name, host, controller);
  if (controller.firstBoot === "by-hand") return;
  const why = unsupported(draft, name, controller);
  if (why !== undefined)
    draft.error("first-boot-unsupported", `${path}.firstBoot`, `${why}; write by-hand, or leave it out`);
  else if (vlan !== undefined && !isInLacp)
    checkWay(draft, path, controller, vlan, cables.get(`${name}/${controller.sharedNic}`));
}

/** The controller as the Plan shows it. */
export function planOutOfBand({ outOfBand }: Host): { readonly outOfBand?: OutOfBandPlan } {
  if (outOfBand === undefined) return {};
  const { kind, name, address, tls, sharedNic } = outOfBand;
  return { outOfBand: { kind, name, address, tls, ...(sharedNic === undefined ? {} : { sharedNic }) } };
}

/** The machines that the program switches on for their first boot, by host. */
export function planAmtFirstBoots(draft: Draft): AmtFirstBootPlan[] {
  const nodeOn = new Map(sortedEntries(draft.env.nodes).map(([node, { host }]) => [host, node]));
  return sortedEntries(draft.env.hosts).flatMap(([host, { outOfBand }]) => {
    const node = nodeOn.get(host);
    if (outOfBand === undefined || outOfBand.firstBoot === "by-hand" || node === undefined) return [];
    const { address, tls, firstBoot } = outOfBand;
    const url = tls ? `https://${address}:${amtPorts.tls}/wsman` : `http://${address}:${amtPorts.plain}/wsman`;
    return [{ host, node, url, fromNetwork: firstBoot === "network" }];
  });
}

function claimAddress(draft: Draft, where: string, { address: text, name }: Controller): DraftVlan | undefined {
  const address = draft.address(text, where);
  if (address === undefined) return undefined;
  const vlan = draft.vlanOf(address);
  if (vlan === undefined)
    draft.error(
      "address-outside-vlan",
      where,
      `${text} of ${name} is on none of the VLANs; correct the address or add its VLAN`,
    );
  else draft.claimOn(vlan.name, text, name, where);
  return vlan;
}

/** A controller that shares a port does not speak LACP: the switch sends its frames to the other member as well. */
function checkSharedNic(draft: Draft, path: string, name: string, host: Host, controller: Controller): boolean {
  const { sharedNic: nic, kind, firstBoot } = controller;
  if (nic === undefined || !draft.known("nic", nic, host.nics, `${path}.sharedNic`)) return false;
  const bond = sortedEntries(host.bonds).find(([, { mode, members }]) => mode === "802.3ad" && members.includes(nic));
  if (bond === undefined) return false;
  draft.report(
    firstBoot === "by-hand" ? "warning" : "error",
    "out-of-band-in-lacp",
    `${path}.sharedNic`,
    `${nic} of ${name} is in the LACP group ${bond[0]}, which its ${kind} controller does not speak: it answers now and then at best; give it a NIC outside of bonds`,
  );
  return true;
}

function unsupported(draft: Draft, name: string, { kind }: Controller): string | undefined {
  if (draft.env.platform !== "metal")
    return `${name} runs Proxmox, which is installed by hand before the program reaches it`;
  if (kind !== "vpro") return `the program speaks to AMT (vpro) only, and the controller of ${name} is ${kind}`;
  if (draft.metalNode(name) === undefined) return `no node is installed on ${name}`;
  if (draft.env.talos.secureBoot)
    return `with talos.secureBoot somebody has to have the keys enrolled in the image's menu, at the first start of ${name}`;
  return undefined;
}

/** Whether the program's own machine, behind the router, gets to AMT: it has no port of its own, and tags nothing. */
function checkWay(
  draft: Draft,
  path: string,
  { sharedNic, address, name }: Controller,
  vlan: DraftVlan,
  end: ReturnType<Cables["get"]>,
): void {
  if (sharedNic === undefined)
    draft.error(
      "first-boot-unreachable",
      `${path}.sharedNic`,
      `which port ${name} answers by is not said, so it cannot be checked; name the NIC that AMT shares (the MS-01's I226-LM is enp90s0)`,
    );
  else if (!vlan.isRouted)
    draft.error(
      "first-boot-unreachable",
      `${path}.address`,
      `${address} of ${name} is on VLAN ${vlan.name}, which has no gateway: nothing outside of it gets there, this program included; use an address of a routed VLAN`,
    );
  else if (end !== undefined && end.native !== vlan.name)
    draft.error(
      "first-boot-unreachable",
      `${end.path}.native`,
      `AMT sends untagged, and ${end.native === undefined ? "no VLAN is" : `VLAN ${end.native} is what is`} untagged on port ${end.port} of ${end.switchName}, where ${name} (${address}) is plugged in; make ${vlan.name} native there`,
    );
  else if (end === undefined)
    draft.error(
      "first-boot-unreachable",
      `${path}.sharedNic`,
      `${sharedNic}, by which ${name} answers, is in no switch's port table; add the port it is plugged into`,
    );
}
