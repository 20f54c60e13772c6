// Which cables each host has on which VLAN, as the plan has them: what the failure analysis and the maps walk along.
import type { HostPlan, NodePlan, Plan, SwitchPlan, SwitchPortPlan } from "./plan.ts";

/** A cable from a NIC to a switch port. */
export interface Wire {
  readonly host: string;
  readonly nic: string;
  readonly switchName: string;
  readonly port: string;
}

/** A cable between a switch and another device, as the switch sees it. */
export interface Uplink {
  readonly switchName: string;
  readonly port: string;
  readonly to: string;
  /** Port at the other end, where that is a switch with a port table, too. */
  readonly toPort?: string;
  readonly vlanIds: readonly number[];
}

/** All cables of a rack, and the NICs that each host has on each VLAN; any one of them is enough. */
export interface Wiring {
  readonly wires: readonly Wire[];
  readonly uplinks: readonly Uplink[];
  /** Host to VLAN id to NICs. */
  readonly nics: ReadonlyMap<string, ReadonlyMap<number, readonly string[]>>;
}

/** Reads the wiring of a plan. */
export function wiringOf(plan: Plan): Wiring {
  const ports = plan.switches.flatMap((device) => device.ports.map((port) => [device, port] as const));
  return {
    wires: ports.flatMap(([device, port]) => wireOf(device, port)),
    uplinks: withFarEnds(ports.flatMap(([device, port]) => uplinkOf(device, port))),
    nics: new Map(plan.hosts.map((host) => [host.name, nicsOf(plan, host)])),
  };
}

/** What is plugged into a port, as a person would say it. */
export function otherEnd({ host, nic, uplink, device }: SwitchPortPlan): string {
  return host === undefined ? (uplink ?? device ?? "") : `${host} ${nic ?? ""}`;
}

function wireOf(device: SwitchPlan, { port, host, nic }: SwitchPortPlan): Wire[] {
  return host === undefined || nic === undefined ? [] : [{ host, nic, switchName: device.name, port }];
}

function uplinkOf(device: SwitchPlan, port: SwitchPortPlan): Uplink[] {
  if (port.uplink === undefined) return [];
  const native = port.nativeVlanId === undefined ? [] : [port.nativeVlanId];
  return [{ switchName: device.name, port: port.port, to: port.uplink, vlanIds: [...native, ...port.taggedVlanIds] }];
}

function withFarEnds(uplinks: readonly Uplink[]): Uplink[] {
  return uplinks.map((uplink) => {
    const other = farEnd(uplinks, uplink);
    return other === undefined ? uplink : { ...uplink, toPort: other.port };
  });
}

/**
 * The other end of a cable, where both switches have port tables. Of several cables between two the first of one is the first of the
 * other, by the order of `ends`: that in which people count ports.
 */
export function farEnd<End extends Pick<Uplink, "switchName" | "to">>(ends: readonly End[], end: End): End | undefined {
  const between = (switchName: string, to: string): End[] =>
    ends.filter((one) => one.switchName === switchName && one.to === to);
  return between(end.to, end.switchName)[between(end.switchName, end.to).indexOf(end)];
}

function nicsOf(plan: Plan, host: HostPlan): Map<number, string[]> {
  const nics = new Map<number, string[]>();
  const add = (vlanId: number, link: string): void => {
    const bond = host.bonds.find((one) => one.name === link);
    nics.set(vlanId, [...new Set([...(nics.get(vlanId) ?? []), ...(bond?.members ?? [link])])].sort());
  };
  for (const bridge of host.bridges) {
    for (const id of bridge.vlanIds) for (const port of bridge.ports) add(id, port);
  }
  for (const bond of host.bonds) for (const { vlanId } of bond.vlanInterfaces) add(vlanId, bond.name);
  for (const { vlanId, parent } of host.nicInterfaces) add(vlanId, parent);
  const node = plan.platform === "metal" ? plan.nodes.find((one) => one.host === host.name) : undefined;
  for (const [vlanId, members] of nodeNics(node)) for (const nic of members) add(vlanId, nic);
  return nics;
}

function nodeNics(node: NodePlan | undefined): [number, readonly string[]][] {
  return (node?.interfaces ?? []).flatMap((link): [number, readonly string[]][] => {
    if (link.kind !== "vlan") return [];
    const parent = node?.interfaces.find((one) => one.name === link.parent);
    return [[link.vlanId, parent?.kind === "bond" ? parent.members : [link.parent]]];
  });
}
