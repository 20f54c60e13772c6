// Switches, cables and the router: what connects the hosts. Port settings are the hardware's side of VLANs and LACP; the hosts' side is
// in links.ts.
import type { Collection, Rack } from "./store.ts";

/** How a port is set. */
export interface SwitchPort {
  readonly speedMbps: number;
  /** Largest IP packet in bytes. */
  readonly mtu: number;
  readonly nativeVlanId?: number;
  readonly taggedVlanIds: number[];
  /** LACP group. */
  readonly lag?: string;
}

/** A switch. */
export interface Switch {
  readonly name: string;
  readonly mtu: number;
  readonly lacp: boolean;
  readonly ports: Record<string, SwitchPort>;
  powered: boolean;
}

/** One end of a cable. */
export type CableEnd =
  | { readonly at: "nic"; readonly host: string; readonly nic: string }
  | { readonly at: "port"; readonly switch: string; readonly port: string }
  | { readonly at: "router" }
  | { readonly at: "usb4"; readonly host: string; readonly port: string };

/** A cable; its id is the name that `cable pull` takes. */
export interface Cable {
  readonly ends: readonly [CableEnd, CableEnd];
  plugged: boolean;
}

/** The router: it has an address in each routed VLAN and forwards between them. The operator sits behind it. */
interface Router {
  readonly name: string;
  readonly interfaces: { readonly vlanId: number; readonly address: string; readonly prefixLength: number }[];
  /** Static leases: the address it gives to a card that asks for one. */
  readonly leases?: readonly { readonly mac: string; readonly vlanId: number; readonly address: string }[];
  /** Routes to what is not on a VLAN itself, e.g. pods. */
  readonly staticRoutes: { readonly destination: string; readonly via: string }[];
  powered: boolean;
}

/** Switches, by name. */
export function switches(rack: Rack): Collection<Switch> {
  return rack.collection<Switch>("switch");
}

/** Cables, by their two ends. */
export function cables(rack: Rack): Collection<Cable> {
  return rack.collection<Cable>("cable");
}

/** Routers, by name. */
export function routers(rack: Rack): Collection<Router> {
  return rack.collection<Router>("router");
}

/** Text of a cable's end, as in `pve-1/enp2s0` or `main-switch/port 3`. */
export function describeEnd(end: CableEnd): string {
  switch (end.at) {
    case "nic":
      return `${end.host}/${end.nic}`;
    case "port":
      return `${end.switch}/${end.port}`;
    case "router":
      return "router";
    case "usb4":
      return `${end.host}/${end.port}`;
  }
}

/** Id of a cable: both ends, the one in a host first. */
export function cableId(ends: readonly [CableEnd, CableEnd]): string {
  return `${describeEnd(ends[0])}--${describeEnd(ends[1])}`;
}

/** Pulls or plugs the cable at an end (`pve-1/enp2s0`), or by its id; returns its id. */
export function setCable(rack: Rack, name: string, plugged: boolean): string {
  const found = cables(rack)
    .list()
    .find(({ id, body }) => id === name || body.ends.some((end) => end.at !== "router" && describeEnd(end) === name));
  if (!found) {
    const known = cables(rack)
      .list()
      .map(({ id }) => id);
    throw new Error(`rack ${rack.name} has no cable at "${name}"; cables: ${known.join(", ")}`);
  }
  cables(rack).edit(found.id, (cable) => {
    cable.plugged = plugged;
  });
  return found.id;
}
