// Live migration: over which address a machine moves from one host to another, and what Proxmox VE says where there is none (pve-cluster, PVE::CLI::pvecm,
// mtunnel; qemu-server, PVE::QemuMigrate).
import { addressesIn, connects } from "./between-hosts.ts";
import { addressesOf } from "./network.ts";
import type { Rack } from "./store.ts";

/** Machines move through SSH. */
const SSH_PORT = 22;

function migrationNetwork(rack: Rack): string | undefined {
  return rack.collection<{ migrationCidr?: string }>("pve cluster options").get("cluster")?.migrationCidr;
}

/** The one address of the target in the network; throws where it has none, or has several. */
function migrationAddress(rack: Rack, target: string, network: string): string {
  const [address, second] = addressesIn(rack, target, network);
  if (address === undefined)
    throw new Error(`could not get migration ip: no IP address configured on local node for network '${network}'`);
  if (second !== undefined)
    throw new Error(`could not get migration ip: multiple, different, IP address configured for network '${network}'`);
  return address;
}

/** Throws why a machine cannot be moved from one host to another. */
export function requireMigration(rack: Rack, from: string, target: string): void {
  const network = migrationNetwork(rack);
  const addresses = network === undefined ? addressesOf(rack, target) : [migrationAddress(rack, target, network)];
  if (addresses.some((address) => connects(rack, from, { host: target, address, port: SSH_PORT }))) return;
  throw new Error(
    `Can't connect to destination address using public key (ssh: connect to host ${addresses[0] ?? target} port ${SSH_PORT}: Connection timed out)`,
  );
}
