// Connections from one host to another: over a network that both are on, or over the USB4 ring, and past the other's firewall.
import { contains, parseAddress, parsePrefix } from "../../plan/ipv4.ts";
import { hostFirewallAccepts } from "./host-firewall.ts";
import { addressesOf, reaches } from "./network.ts";
import { isOnLink, stations } from "./stations.ts";
import type { Rack } from "./store.ts";
import { fabricAddress } from "./usb4-links.ts";

/** Whether a host gets an answer from a TCP port at another host's address. */
export function connects(
  rack: Rack,
  from: string,
  to: { readonly host: string; readonly address: string; readonly port: number },
) {
  if (!addressesOf(rack, to.host).includes(to.address) || !reaches(rack, from, to.address)) return false;
  const onLink = stations(rack).find((station) => station.owner === from && isOnLink(station, to.address));
  const source = onLink?.address ?? fabricAddress(rack, from);
  return source !== undefined && hostFirewallAccepts(rack, to.host, source, to.port);
}

/** The addresses that a host has in a network now, each once. */
export function addressesIn(rack: Rack, host: string, network: string): string[] {
  const prefix = parsePrefix(network);
  const inside = addressesOf(rack, host).filter((address) => {
    const parsed = parseAddress(address);
    return parsed.ok && prefix.ok && contains(prefix.value, parsed.value);
  });
  return [...new Set(inside)];
}
