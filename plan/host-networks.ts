// Networks that carry the hosts' own traffic (replication, live migration): a VLAN, or the USB4 ring.
import type { Draft } from "./draft.ts";
import { formatPrefix } from "./ipv4.ts";

/** How the description names the ring where a network is asked for. */
export const ringNetwork = "usb4Ring";

/** Whether the description has the network; reports it otherwise. */
export function knownNetwork(draft: Draft, network: string, path: string): boolean {
  const { env } = draft;
  if (network !== ringNetwork) return draft.known("vlan", network, [env.vlans, new Set([ringNetwork])], path);
  if (env.usb4Ring !== undefined) return true;
  draft.error("network-without-ring", path, "there is no usb4Ring in the description; add it or name a VLAN");
  return false;
}

/** A host's own address on a network. */
export function hostAddress({ env }: Draft, host: string, network: string): string | undefined {
  return network === ringNetwork ? env.usb4Ring?.members[host] : env.hosts[host]?.addresses[network]?.address;
}

/** The prefix of a network; undefined where there is none. */
export function networkPrefix(draft: Draft, network: string): string | undefined {
  if (network === ringNetwork) return draft.env.usb4Ring?.prefix;
  const vlan = draft.vlans.get(network);
  return vlan === undefined ? undefined : formatPrefix(vlan.prefix);
}

/** A network in a sentence. */
export function networkName(network: string): string {
  return network === ringNetwork ? "the USB4 ring" : `VLAN ${network}`;
}

/** Where a host gets an address on it. */
export function addressPath(host: string, network: string): string {
  return network === ringNetwork ? `usb4Ring.members.${host}` : `hosts.${host}.addresses`;
}
