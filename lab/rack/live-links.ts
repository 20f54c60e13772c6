// The interfaces that are up on a host, whatever runs on it: as Proxmox VE stores them, or as Talos makes them on the metal.
import { hosts } from "./hosts.ts";
import { type Links, linksOf } from "./links.ts";
import type { Rack } from "./store.ts";
import { metalNetwork } from "./talos/metal-network.ts";

/** Interfaces of a host right now, by name. */
export function liveLinks(rack: Rack, host: string): Links {
  return hosts(rack).get(host)?.platform === "metal" ? metalNetwork(rack, host).links : linksOf(rack, host);
}
