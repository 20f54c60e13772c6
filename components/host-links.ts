// Which links of a host are whose: those under the management address are written in one step by SSH, all others are the API's.
import type { BondPlan, BridgePlan, HostPlan } from "../plan/plan.ts";

/** Links that the Proxmox API makes. */
export interface ApiLinks {
  readonly bonds: readonly BondPlan[];
  readonly bridges: readonly BridgePlan[];
}

/** The links of a host that its management address does not stand on. */
export function apiLinks(host: HostPlan): ApiLinks {
  const standsOn = (link: BondPlan | BridgePlan): boolean =>
    link.vlanInterfaces.some((vlan) => vlan.name === host.managementInterface);
  const bridges = host.bridges.filter((bridge) => !bridge.carriesManagement && !standsOn(bridge));
  const managementPorts = host.bridges.filter((bridge) => !bridges.includes(bridge)).flatMap((bridge) => bridge.ports);
  return { bonds: host.bonds.filter((bond) => !standsOn(bond) && !managementPorts.includes(bond.name)), bridges };
}

/** Names of all interfaces that the API makes, sorted. */
export function apiInterfaceNames(host: HostPlan): string[] {
  const { bonds, bridges } = apiLinks(host);
  return [...bonds, ...bridges].flatMap((link) => [link.name, ...link.vlanInterfaces.map((vlan) => vlan.name)]).sort();
}
