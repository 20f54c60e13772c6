// Who reaches whom, as far as Talos and Kubernetes are concerned: over the wires of the rack, and by the routes of the node itself.
import { contains, parseAddress, parsePrefix } from "../../../plan/ipv4.ts";
import { addressesOf, ownerOf } from "../network.ts";
import { OPERATOR, reach } from "../reach.ts";
import type { Rack } from "../store.ts";
import { answersTo } from "./ingress.ts";
import type { MachineConfig } from "./machine-config.ts";
import type { Machine } from "./machines.ts";
import type { TalosNode } from "./nodes.ts";

/** Ports of what nodes answer. */
export const ports = {
  talosApi: 50_000,
  trustd: 50_001,
  kubernetesApi: 6443,
  etcdPeer: 2380,
  kubelet: 10_250,
  metallbMembers: 7946,
  linstorSatellite: 3366,
  drbd: 7000,
} as const;

/** Whether a connection of the operator's own machine gets to a node at one of its addresses, and is let in. */
export function operatorReaches(rack: Rack, node: TalosNode, address: string, port: number): boolean {
  return reach(rack, { from: OPERATOR, to: address }).ok && answersTo(rack, node, OPERATOR, address, port);
}

/** The gateway of the route (other than the default one) that a node's configuration has to an address. */
function gatewayTo(config: MachineConfig | undefined, address: string): string | undefined {
  const target = parseAddress(address);
  for (const { destination, gateway } of config?.routes ?? []) {
    const prefix = parsePrefix(destination);
    if (gateway !== undefined && prefix.ok && target.ok && contains(prefix.value, target.value)) return gateway;
  }
  return undefined;
}

/** Whether a machine reaches an address of another one. */
export function machineReaches(rack: Rack, from: Machine, address: string, config?: MachineConfig): boolean {
  if (!from.isPowered) return false;
  const gateway = gatewayTo(config, address);
  if (gateway === undefined) return reach(rack, { from: from.name, to: address }).ok;
  const owner = ownerOf(rack, gateway);
  if (owner === undefined || !reach(rack, { from: from.name, to: gateway }).ok) return false;
  // A Linux host answers for every address it has, on whichever interface the packet comes in.
  return addressesOf(rack, owner).includes(address) || reach(rack, { from: owner, to: address }).ok;
}
