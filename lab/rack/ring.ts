// Packets over the cables between hosts (USB4): each host looks up its own routes, the lowest metric among interfaces that are there wins,
// and what is not for the host itself is passed on.
import { contains, parseAddress, parsePrefix } from "../../plan/ipv4.ts";
import type { Rack } from "./store.ts";
import { type MetalNetwork, metalNetwork } from "./talos/metal-network.ts";

/** The way of a packet over the ring. */
interface RingWay {
  /** Hosts it passes, from the first to the last. */
  readonly hosts: readonly string[];
  /** Largest packet in bytes. */
  readonly mtu: number;
}

/** More than any ring of two-port machines is long. */
const TIME_TO_LIVE = 16;

function isFor(network: MetalNetwork, address: string): boolean {
  return Object.values(network.links).some((link) => link.addresses.some((cidr) => cidr.split("/")[0] === address));
}

function routeTo(network: MetalNetwork, address: string): MetalNetwork["routes"][number] | undefined {
  const target = parseAddress(address);
  return network.routes
    .filter(({ destination, interface: name }) => {
      const prefix = parsePrefix(destination);
      return network.links[name] !== undefined && prefix.ok && target.ok && contains(prefix.value, target.value);
    })
    .sort((a, b) => a.metric - b.metric)[0];
}

/** The way from a host to an address of another one over the ring; undefined: no route there leads over the ring, or it ends. */
export function ringWay(rack: Rack, from: string, address: string): RingWay | undefined {
  const passed = [from];
  let mtu = Number.POSITIVE_INFINITY;
  for (let at = from; passed.length <= TIME_TO_LIVE; ) {
    const network = metalNetwork(rack, at);
    if (isFor(network, address)) return passed.length === 1 ? undefined : { hosts: passed, mtu };
    const route = routeTo(network, address);
    const next = route === undefined ? undefined : network.peers[route.interface];
    if (route === undefined || next === undefined) return undefined;
    mtu = Math.min(mtu, network.links[route.interface]?.mtu ?? 1500);
    passed.push(next);
    at = next;
  }
  return undefined;
}
