// The part of /etc/network/interfaces (ifupdown2, Proxmox VE network documentation) that the management path of a host stands on.
// Storage bonds are left to the Proxmox API, which adds its own stanzas behind these.
import type { BondPlan, BridgePlan, VlanInterfacePlan } from "./plan.ts";

/** What a NIC has that nobody says anything of. */
const standardMtu = 1500;

/** What the file is made of. */
export interface InterfacesFileArgs {
  readonly nics: readonly string[];
  readonly bonds: readonly BondPlan[];
  readonly bridges: readonly BridgePlan[];
  /** VLAN interfaces directly on a NIC. */
  readonly nicInterfaces: readonly VlanInterfacePlan[];
  /** NIC, bond or bridge with the management address. */
  readonly managementLink: string;
}

/** Renders the file; the same arguments give the same bytes. */
export function renderInterfacesFile(args: InterfacesFileArgs): string {
  const bridge = args.bridges.find((b) => b.carriesManagement);
  const under = new Set([args.managementLink, ...(bridge?.ports ?? [])]);
  const stanzas = [
    "auto lo\niface lo inet loopback",
    ...args.nics.map((nic) => renderNic(nic, args)),
    ...args.bonds
      .filter((bond) => under.has(bond.name))
      .flatMap((bond) => [renderBond(bond), ...bond.vlanInterfaces.map(renderVlan)]),
    ...(bridge === undefined ? [] : [renderBridge(bridge), ...bridge.vlanInterfaces.map(renderVlan)]),
    ...args.nicInterfaces.map(renderVlan),
  ];
  return `${stanzas.join("\n\n")}\n\nsource /etc/network/interfaces.d/*\n`;
}

/**
 * A NIC. What stands on it cannot carry larger packets than the NIC itself. Proxmox VE writes `auto` for each member of a bond; without it
 * here the file would differ after every change by the API.
 */
function renderNic(nic: string, { bonds, bridges, nicInterfaces }: InterfacesFileArgs): string {
  const above = [
    ...bridges.filter(({ ports }) => ports.includes(nic)),
    ...nicInterfaces.filter(({ parent }) => parent === nic),
  ];
  const mtu = Math.max(standardMtu, ...above.map((link) => link.mtu));
  const auto = bonds.some(({ members }) => members.includes(nic)) ? `auto ${nic}\n` : "";
  return `${auto}iface ${nic} inet manual${mtu === standardMtu ? "" : `\n\tmtu ${mtu}`}`;
}

function renderBond(bond: BondPlan): string {
  const lacp =
    bond.mode === "802.3ad"
      ? `\n\tbond-lacp-rate ${bond.lacpRate}\n\tbond-xmit-hash-policy ${bond.xmitHashPolicy}`
      : "";
  return `auto ${bond.name}\niface ${bond.name} inet manual\n\tbond-slaves ${bond.members.join(" ")}\n\tbond-miimon 100\n\tbond-mode ${bond.mode}${lacp}\n\tmtu ${bond.mtu}`;
}

function renderBridge(bridge: BridgePlan): string {
  return `auto ${bridge.name}\niface ${bridge.name} inet manual\n\tbridge-ports ${bridge.ports.join(" ")}\n\tbridge-stp off\n\tbridge-fd 0\n\tbridge-vlan-aware yes\n\tbridge-vids ${bridge.vlanIds.join(" ")}\n\tmtu ${bridge.mtu}`;
}

function renderVlan(vlan: VlanInterfacePlan): string {
  const gateway = vlan.gateway === undefined ? "" : `\n\tgateway ${vlan.gateway}`;
  return `auto ${vlan.name}\niface ${vlan.name} inet static\n\taddress ${vlan.address}${gateway}\n\tmtu ${vlan.mtu}`;
}
