// The interfaces that are up on a host, whatever runs on it: as Proxmox VE stores them, or as Talos makes them on the metal.
import { hosts } from "./hosts.ts";
import { type Links, linksOf } from "./links.ts";
import type { Rack } from "./store.ts";
import { metalNetwork } from "./talos/metal-network.ts";
import { usb4Links } from "./usb4-links.ts";

/** Interfaces of a host right now, by name. */
export function liveLinks(rack: Rack, host: string): Links {
  if (hosts(rack).get(host)?.platform === "metal") return metalNetwork(rack, host).links;
  return { ...linksOf(rack, host), ...usb4Links(rack, host).links };
}
