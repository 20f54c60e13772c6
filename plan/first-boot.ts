// How a machine on the metal finds the network before it has a configuration: kernel arguments of the image it is first booted from,
// and the address the router leases it, which is the one it keeps.
import type { Environment } from "../config/schema.ts";
import type { Cables } from "./cables.ts";
import type { Draft } from "./draft.ts";
import { nicsUnder } from "./host-links.ts";
import { compareText, sortedEntries } from "./order.ts";
import type { LeasePlan } from "./plan.ts";
import { readProvisioning } from "./provisioning.ts";

type Node = Environment["nodes"][string];

/** Checks that one image boots every machine; with one that does not, its console would show no address at all. */
export function readFirstBoot(draft: Draft, cables: Cables): void {
  readProvisioning(draft, cables);
  const { management } = draft.env.roles;
  const wanted = metalNodes(draft).map(([name, node]) => [name, argumentsOf(draft, node).join(" ")] as const);
  const [first] = wanted;
  for (const [name, text] of wanted) {
    if (first === undefined || text === first[1]) continue;
    draft.error(
      "boot-links-differ",
      `nodes.${name}.links.${management}`,
      `${name} would boot with "${text}" and ${first[0]} with "${first[1]}", but one image boots them all; give ${management} the same link on every host: the same NIC, or a bond of the same name, members and mode`,
    );
  }
}

/**
 * Kernel arguments of the first boot (dracut's `bond=`, `vlan=`, `ip=`, as Talos reads them): maintenance mode asks every NIC for a lease,
 * untagged and alone, and gets none: the management VLAN is tagged on every port (switch-side.ts), and bonds are LACP groups. The installed
 * system does without them.
 */
export function bootKernelArgs(draft: Draft): readonly string[] {
  const [first] = metalNodes(draft);
  return first === undefined ? [] : argumentsOf(draft, first[1]);
}

/** A lease for each node: the very address it is configured with, so that it answers there from the first boot on. */
export function planLeases(draft: Draft): LeasePlan[] {
  const vlan = draft.env.roles.management;
  return metalNodes(draft).flatMap(([name, node]) => {
    const address = node.addresses[vlan];
    const mac = bootMac(draft, node);
    return address === undefined || mac === undefined ? [] : [{ name, vlan, mac, address }];
  });
}

/** A bond has the address of its first member. */
function bootMac(draft: Draft, node: Node): string | undefined {
  const host = draft.env.hosts[node.host];
  const link = node.links[draft.env.roles.management];
  if (host === undefined || link === undefined) return undefined;
  const [first] = [...nicsUnder(host, link)].sort(compareText);
  return first === undefined ? undefined : host.nics[first]?.mac?.toLowerCase();
}

function argumentsOf(draft: Draft, node: Node): string[] {
  const { hosts, roles } = draft.env;
  const host = hosts[node.host];
  const link = node.links[roles.management];
  const vlan = draft.vlans.get(roles.management);
  if (host === undefined || link === undefined || vlan === undefined) return [];
  const bond = host.bonds[link];
  const device = `${link}.${vlan.id}`;
  const members = [...(bond?.members ?? [])].sort(compareText).join(",");
  return [
    ...(bond === undefined ? [] : [`bond=${link}:${members}:mode=${bond.mode},miimon=100`]),
    `vlan=${device}:${link}`,
    `ip=${device}:dhcp`,
  ];
}

const metalNodes = (draft: Draft): readonly (readonly [string, Node])[] =>
  draft.env.platform === "metal" ? sortedEntries(draft.env.nodes) : [];
