// Whether each VLAN is one segment: switches that have hosts on it are joined by uplinks that carry it, and the router is reached.
// Devices without a port table of their own (a core switch, the router) count as one piece: nothing is known against it.
import type { Environment } from "../config/schema.ts";
import { carriesVlan, portSettings, portsOf, taggedNames } from "./cables.ts";
import type { Draft } from "./draft.ts";
import { compareText, sortedEntries, sortedTexts } from "./order.ts";
import { farEnd } from "./wiring.ts";

type Port = Environment["switches"][string]["ports"][string];

interface Uplink {
  readonly switchName: string;
  readonly name: string;
  /** Another switch, or `outside`. */
  readonly to: string;
  readonly path: string;
  readonly port: Port;
  readonly mtu: number;
}

const outside = "";

/** VLAN to the switches that have hosts on it. */
export type Carriers = Map<string, Set<string>>;

/** Checks every VLAN that hosts use against the uplinks. */
export function checkSegments(draft: Draft, carriers: Carriers): void {
  const { env } = draft;
  const uplinks: Uplink[] = [];
  for (const [switchName, device] of sortedEntries(env.switches)) {
    for (const [name, port] of portsOf(device)) {
      if (port.uplink === undefined) continue;
      const to = env.switches[port.uplink] === undefined ? outside : port.uplink;
      const path = `switches.${switchName}.ports.${name}`;
      uplinks.push({ switchName, name, to, path, port, mtu: port.mtu ?? device.mtu });
    }
  }
  checkEnds(draft, uplinks);
  for (const [vlan, switches] of [...carriers].sort(([a], [b]) => compareText(a, b))) {
    checkVlan(draft, vlan, sortedTexts(switches), uplinks);
  }
  noteSinglePoints(draft, carriers);
}

/** Both ends of a cable between two switches with port tables are set alike. */
function checkEnds(draft: Draft, uplinks: readonly Uplink[]): void {
  const settings = ({ port }: Uplink): string => portSettings(port, taggedNames(draft, port));
  for (const uplink of uplinks) {
    const other = farEnd(uplinks, uplink);
    if (other === undefined || other.switchName < uplink.switchName) continue;
    const [here, there] = [settings(uplink), settings(other)];
    if (here !== there)
      draft.error(
        "uplink-ends-differ",
        uplink.path,
        `${uplink.switchName} port ${uplink.name} (${here}) and ${other.switchName} port ${other.name} (${there}) are the ends of one cable; set them alike, what only one of them carries gets nowhere`,
      );
  }
}

/** A switch that is the only one of a network takes that network down with it, however many cables lead to it. */
function noteSinglePoints(draft: Draft, carriers: Carriers): void {
  const only = new Map<string, string[]>();
  for (const [vlan, switches] of [...carriers].sort(([a], [b]) => compareText(a, b))) {
    const [name] = switches;
    if (name !== undefined && switches.size === 1) only.set(name, [...(only.get(name) ?? []), vlan]);
  }
  if (Object.keys(draft.env.hosts).length < 2) return;
  for (const [name, vlans] of [...only].sort(([a], [b]) => compareText(a, b))) {
    draft.note(
      "switch-single-point",
      `switches.${name}`,
      `every host reaches ${vlans.join(" and ")} by ${name} alone: when it fails, all of them lose that network at once, whatever bonds there are; active-backup bonds over two switches survive it`,
    );
  }
}

function checkVlan(draft: Draft, name: string, switches: readonly string[], uplinks: readonly Uplink[]): void {
  const vlan = draft.vlans.get(name);
  const [first] = switches;
  if (vlan === undefined || first === undefined) return;
  const carrying = uplinks.filter(({ port }) => carriesVlan(port, name));
  const reached = reach(first, carrying);
  const apart = switches.filter((other) => !reached.has(other));
  if (apart.length > 0) {
    draft.error(
      "vlan-split",
      vlan.path,
      `VLAN ${name} has hosts on ${first} and on ${apart.join(", ")}, but no uplink between them carries it; add it to the uplink ports of both`,
    );
  } else if (
    vlan.isRouted &&
    !reached.has(outside) &&
    uplinks.some(({ switchName }) => switches.includes(switchName))
  ) {
    draft.error(
      "vlan-without-uplink",
      vlan.path,
      `VLAN ${name} has a gateway, but no uplink of ${switches.join(", ")} carries it to the router; add it to the uplink port`,
    );
  }
  for (const uplink of carrying) {
    // An uplink of a switch that has no host on the VLAN carries none of its large packets.
    const isUsed = switches.includes(uplink.switchName) || switches.includes(uplink.to);
    if (isUsed && uplink.mtu < vlan.mtu && (switches.length > 1 || vlan.isRouted)) {
      draft.error(
        "mtu-exceeds-path",
        `${vlan.path}.mtu`,
        `VLAN ${name} has an MTU of ${vlan.mtu} but the uplink ${uplink.path} forwards ${uplink.mtu} bytes at most; raise the switch's mtu or lower the VLAN's`,
      );
    }
    if (!vlan.isRouted && switches.length === 1 && uplink.switchName === first) {
      draft.warn(
        "vlan-on-uplink",
        `${uplink.path}.tagged`,
        `VLAN ${name} is not routed and all its hosts are on ${first}, but this uplink carries it further; take it out, broadcasts and strangers stay away then`,
      );
    }
  }
}

function reach(start: string, uplinks: readonly Uplink[]): Set<string> {
  const reached = new Set([start]);
  for (let size = 0; size < reached.size; ) {
    size = reached.size;
    for (const { switchName, to } of uplinks) {
      if (reached.has(switchName)) reached.add(to);
      else if (reached.has(to)) reached.add(switchName);
    }
  }
  return reached;
}
