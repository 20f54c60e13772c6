// Short questions about the network, for those who need no reasons; the reasons are in reach.ts.
import { reach } from "./reach.ts";
import { stations } from "./stations.ts";
import type { Rack } from "./store.ts";

/** Addresses that a host or guest has now, without prefix lengths. */
export function addressesOf(rack: Rack, owner: string): string[] {
  return stations(rack)
    .filter((station) => station.owner === owner)
    .map((station) => station.address);
}

/** Whether packets of any size get from a host or guest to an address. */
export function reaches(rack: Rack, owner: string, address: string): boolean {
  return reach(rack, { from: owner, to: address }).ok;
}

/** Name of the host or guest that has an address. */
export function ownerOf(rack: Rack, address: string): string | undefined {
  return stations(rack).find((station) => station.address === address)?.owner;
}
